import { realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import { absent, readPlainText } from '../view/files.ts';
import { hasReftable } from '../view/reftable.ts';

export interface Repository {
  /** The main checkout. */
  readonly root: string;
  /** What all worktrees share: usually `<root>/.git`. */
  readonly commonDir: string;
  /** The private folder of `root`: differs from the common one only where `root` is itself a linked worktree. */
  readonly gitDir: string;
}

/**
 * Finds the repository whose main checkout is `root`. Costs no process where `.git` is a folder.
 * Terminal PortError: no repository, a bare one, or `root` is a folder inside of a checkout.
 */
export async function openRepository(git: Git, root: string): Promise<Repository> {
  const dotGit = join(root, '.git');
  if (await isGitDir(dotGit)) {
    const gitDir = await realpath(dotGit);
    return checked({ root, commonDir: gitDir, gitDir });
  }
  const there = { cwd: root, settings: 'shared' } as const;
  const asked = ['rev-parse', '--path-format=absolute', '--is-bare-repository', '--git-common-dir', '--git-dir'];
  const { stdout } = await git(asked, there).catch((cause: unknown) => {
    if (cause instanceof PortError && cause.sort === 'terminal') throw noRepository(root, cause);
    throw cause;
  });
  const [bare, commonDir, gitDir] = utf8(stdout).split('\n');
  if (bare === 'true') {
    throw new PortError('terminal', `${root} is a bare repository, and tac8 needs a checkout`, {
      hint: 'Clone it, and start tac8 in the clone.',
    });
  }
  const { stdout: top } = await git(['rev-parse', '--path-format=absolute', '--show-cdup'], there);
  if (top.trim() !== '' || commonDir === undefined || gitDir === undefined) {
    throw new PortError('terminal', `${root} is inside a checkout, not at its top`, {
      hint: `Start tac8 in ${join(root, top.trim() || '..')}.`,
    });
  }
  return checked({ root, commonDir, gitDir });
}

/** Refs and HEADs are read from git's files: where they are kept in another way, nothing here would be true. */
function checked(repository: Repository): Repository {
  if (!hasReftable(repository.commonDir)) return repository;
  throw new PortError('terminal', `${repository.root} keeps its refs in the reftable format, which tac8 does not read yet`, {
    hint: '`git refs migrate --ref-format=files` changes that.',
  });
}

/** A worker may have taken HEAD away, or called bare what is not: whether tac8 can work here was asked before it began. */
async function isGitDir(path: string): Promise<boolean> {
  try {
    const [objects] = await Promise.all([stat(join(path, 'objects')), stat(join(path, 'refs'))]);
    return objects.isDirectory();
  } catch (error) {
    return absent(false)(error);
  }
}

const noRepository = (root: string, cause: unknown): PortError =>
  new PortError('terminal', `${root} is not a git repository`, {
    hint: 'Start tac8 inside a git repository, or make one with `git init`.',
    cause,
  });

/** The bytes of a git answer as text. */
export const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString('utf8');
/** Text as bytes for git's input. */
export const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

const HEX = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;

/**
 * The object a full ref name stands for, or null where there is no such ref. Read from the files, without a process;
 * what they say in another way (a ref to a ref) is asked through git.
 */
export async function readRef(git: Git, repository: Repository, ref: string): Promise<string | null> {
  const folder = repository.commonDir;
  const [loose, packed] = await Promise.all([
    readPlainText(join(folder, ref)).then((text) => text.trim(), missingRef),
    readPlainText(join(folder, 'packed-refs')).catch(absent('')),
  ]);
  if (loose !== null) return HEX.test(loose) ? loose : askRef(git, repository, ref);
  const end = packed.indexOf(` ${ref}\n`);
  if (end < 0) return null;
  const id = packed.slice(packed.lastIndexOf('\n', end) + 1, end);
  return HEX.test(id) ? id : askRef(git, repository, ref);
}

/** A folder of that name: other branches begin with it. */
function missingRef(error: NodeJS.ErrnoException): null {
  return error.code === 'EISDIR' ? null : absent(null)(error);
}

async function askRef(git: Git, repository: Repository, ref: string): Promise<string | null> {
  const { code, stdout } = await git(['rev-parse', '--verify', '--quiet', '--end-of-options', ref], {
    cwd: repository.root,
    codes: [0, 1],
  });
  return code === 0 ? stdout.trim() : null;
}
