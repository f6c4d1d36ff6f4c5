import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git, GitCall } from '../call/git.ts';
import { together } from '../call/together.ts';
import { bytes, type Repository, utf8 } from '../repository/repository.ts';
import { absent, readPlain } from '../view/files.ts';

/*
 * Whoever can write the settings of the shared repository (every worker can) could name programs, proxies and other addresses there,
 * and git would run and believe them while it holds a login. So whatever talks to a remote runs in a bare repository of our own, made
 * for that one call: its settings are ours alone, its objects are those of the shared repository, and refs go in and out as plain data.
 */

/** A bare repository for one call. */
export interface Station {
  readonly call: GitCall & { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  /** The refs that a fetch wrote: those that it began with stand in another file. */
  written(): Promise<readonly (readonly [ref: string, id: string])[]>;
  /** Those that it began with. */
  readonly had: ReadonlyMap<string, string>;
}

/**
 * Lends a bare repository to `work`, and removes it afterwards. `seed` are patterns of refs of the shared repository that it begins
 * with, so that a fetch asks only for what is new.
 */
export async function atStation<T>(
  git: Git,
  repository: Repository,
  stateDir: string,
  seed: readonly string[],
  work: (station: Station) => Promise<T>,
): Promise<T> {
  const parent = join(stateDir, 'git');
  // Not what is above it: see watchGone in call/git.ts.
  await mkdir(parent, { mode: 0o700 }).catch(() => undefined);
  const folder = await mkdtemp(join(parent, 'transport-')).catch((cause: unknown) => {
    throw new PortError('retryable', `cannot make a folder in ${parent} for git: ${String(cause)}`, { cause });
  });
  try {
    const { shallow, refs: had } = await furnish(git, repository, folder, seed);
    const env = { GIT_DIR: folder, GIT_OBJECT_DIRECTORY: join(repository.commonDir, 'objects') };
    const call = { cwd: folder, env, settings: 'own' } as const;
    const result = await work({ call, written: () => looseRefs(folder), had });
    await bringShallowBack(repository, folder, shallow);
    return result;
  } catch (error) {
    if (error instanceof PortError) throw error;
    throw new PortError('retryable', `cannot make ${folder} for git: ${String(error)}`, {
      hint: 'Is the folder writable, the disk full?',
      cause: error,
    });
  } finally {
    await removeFolder(folder);
  }
}

/** Answers what the shared repository said of its own depth, and of its refs. */
async function furnish(
  git: Git,
  repository: Repository,
  folder: string,
  seed: readonly string[],
): Promise<{ readonly shallow: string; readonly refs: ReadonlyMap<string, string> }> {
  const sha256 = await usesSha256(git, repository);
  const [refs, shallow] = await together([
    seed.length === 0 ? new Map<string, string>() : refsWithObjects(git, repository, seed),
    readPlain(join(repository.commonDir, 'shallow')).then((bytes) => bytes.toString('latin1'), absent('')),
    ...['objects', 'refs'].map((name) => mkdir(join(folder, name))),
  ]);
  const version = `[core]\n\trepositoryformatversion = ${sha256 ? 1 : 0}\n\tbare = true\n`;
  await together([
    writeFile(join(folder, 'HEAD'), 'ref: refs/heads/none\n'),
    writeFile(join(folder, 'config'), sha256 ? `${version}[extensions]\n\tobjectFormat = sha256\n` : version),
    writeFile(join(folder, 'packed-refs'), bytes([...refs].map(([name, id]) => `${id} ${name}\n`).join('')), 'latin1'),
    ...(shallow === '' ? [] : [writeFile(join(folder, 'shallow'), shallow, 'latin1')]),
  ]);
  return { shallow, refs };
}

const formats = new WeakMap<Repository, Promise<boolean>>();

/** Asked once: a repository keeps its format. */
function usesSha256(git: Git, repository: Repository): Promise<boolean> {
  const known = formats.get(repository);
  if (known !== undefined) return known;
  const asked = git(['rev-parse', '--show-object-format'], { cwd: repository.root }).then(({ stdout }) => stdout.trim() === 'sha256');
  formats.set(repository, asked);
  asked.catch(() => formats.delete(repository));
  return asked;
}

/** The refs that match, without those whose object is not there: a single one would make every fetch fail. */
async function refsWithObjects(git: Git, repository: Repository, patterns: readonly string[]): Promise<Map<string, string>> {
  const refs = await refsOf(git, { cwd: repository.root }, patterns);
  if (refs.size === 0) return refs;
  const input = [...refs.values()].join('\n');
  const { stdout } = await git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { cwd: repository.root, input: `${input}\n` });
  const commits = new Set([...stdout.matchAll(/^([0-9a-f]+) commit$/gm)].map(([, id]) => id));
  return new Map([...refs].filter(([, id]) => commits.has(id)));
}

/** Read from the files: the repository is ours, and a start of git costs more. */
async function looseRefs(folder: string): Promise<readonly (readonly [string, string])[]> {
  const entries = await readdir(join(folder, 'refs'), { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return together(files.map(async (file) => [file.slice(folder.length + 1), (await readFile(file, 'latin1')).trim()] as const));
}

async function refsOf(git: Git, call: GitCall, patterns: readonly string[]): Promise<Map<string, string>> {
  const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(refname)', ...patterns], call);
  return new Map([...utf8(stdout).matchAll(/^([0-9a-f]+) (.+)$/gm)].map(([, id = '', name = '']) => [name, id]));
}

/** A fetch into a shallow clone may move the line at which its history ends. */
async function bringShallowBack(repository: Repository, folder: string, before: string): Promise<void> {
  const now = await readFile(join(folder, 'shallow'), 'latin1').catch(absent(''));
  if (now === before || before === '') return;
  const to = join(repository.commonDir, 'shallow');
  await copyFile(join(folder, 'shallow'), `${to}.tac8`);
  await rename(`${to}.tac8`, to);
}
