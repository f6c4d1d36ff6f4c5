import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { lstat, mkdir, open, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import type { Repository } from '../repository/repository.ts';

/*
 * To git, a file of git-lfs is a pointer: what it holds lies beside the objects, and a hook of the repository's uploads it. Hooks are not run here,
 * and `.lfsconfig` and the repository's settings, which could name another server, are not read. So git-lfs is told which files to take to the
 * remote that counts, before the push, in the repository of our own in which git pushes; and before a worktree is made, which to bring.
 */

/** What a pointer names. */
export interface LfsFile {
  readonly oid: string;
  readonly size: number;
}

/** A pointer is shorter than this, says git-lfs. */
const MOST = 1024;
const POINTER = /^version https:\/\/git-lfs\.github\.com\/spec\/v1\n(?:ext-[^\n]*\n)*oid sha256:([0-9a-f]{64})\nsize (\d{1,15})\n/;

/** The files that commits name which the remote does not have yet, as far as refs here tell: a wrong one costs its own task alone. */
export async function filesToPush(git: Git, repository: Repository, commit: string, remote: string): Promise<readonly LfsFile[]> {
  const call = { cwd: repository.root };
  const { stdout } = await git(['rev-list', '--objects', '--no-object-names', commit, '--not', `--remotes=${remote}`], call);
  const sized = await git(['cat-file', '--batch-check=%(objectname) %(objecttype) %(objectsize)'], { ...call, input: stdout });
  return pointersAmong(git, repository, small(/^([0-9a-f]+) blob (\d+)$/gm, sized.stdout));
}

/** The files that a commit's tree names and that are not here. A link in a file's place would have git-lfs read something else: it is refused. */
export async function filesMissing(git: Git, repository: Repository, commit: string): Promise<readonly LfsFile[]> {
  const { stdout } = await git(['ls-tree', '-r', '-l', '-z', commit], { cwd: repository.root });
  const files = await pointersAmong(git, repository, small(/(?:^|\0)100\d{3} blob ([0-9a-f]+) +(\d+)\t/g, stdout));
  const missing: LfsFile[] = [];
  const real = await realpath(repository.commonDir);
  for (const file of files) {
    const path = placeOf(repository, file);
    const found = await lstat(path).catch(() => null);
    if (found === null) missing.push(file);
    else if (!found.isFile() || (await realpath(path)) !== placeOf({ ...repository, commonDir: real }, file)) throw notAFile(path);
  }
  return missing;
}

const small = (pattern: RegExp, text: string): readonly string[] => [
  ...new Set([...text.matchAll(pattern)].flatMap(([, id = '', size]) => (Number(size) < MOST ? [id] : []))),
];

/** Those of the blobs that are pointers. */
async function pointersAmong(git: Git, repository: Repository, blobs: readonly string[]): Promise<readonly LfsFile[]> {
  if (blobs.length === 0) return [];
  const { stdout } = await git(['cat-file', '--batch'], { cwd: repository.root, input: `${blobs.join('\n')}\n` });
  const found = new Map<string, LfsFile>();
  for (let at = 0; at < stdout.length; ) {
    const end = stdout.indexOf('\n', at);
    const length = Number(/ (\d+)$/.exec(stdout.slice(at, end))?.[1] ?? Number.NaN);
    if (end < 0 || Number.isNaN(length)) break;
    const [, oid, size] = POINTER.exec(stdout.slice(end + 1, end + 1 + length)) ?? [];
    if (oid !== undefined) found.set(oid, { oid, size: Number(size) });
    at = end + 1 + length + 1;
  }
  return [...found.values()];
}

const below = ({ oid }: LfsFile): string => join('objects', oid.slice(0, 2), oid.slice(2, 4), oid);
const placeOf = ({ commonDir }: Repository, file: LfsFile): string => join(commonDir, 'lfs', below(file));
export const storageOf = ({ commonDir }: Repository): string => join(commonDir, 'lfs');

/**
 * Puts copies of the files where nobody else writes. A worker can put a link to anything of the person's in a file's place; what does not have the
 * content that its name says is not taken.
 */
export async function copyFiles(places: readonly string[], files: readonly LfsFile[], storage: string): Promise<void> {
  for (const file of files) {
    const from = await firstWith(places.map((place) => join(place, 'lfs', below(file))));
    const to = join(storage, below(file));
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    if ((await copy(from, to, file.size)) !== file.oid) throw notAFile(from);
  }
}

async function firstWith(paths: readonly string[]): Promise<string> {
  for (const path of paths) if ((await lstat(path).catch(() => null)) !== null) return path;
  return paths[0] ?? '';
}

/** Answers the sum of what was copied; null: nothing was. */
async function copy(from: string, to: string, size: number): Promise<string | null> {
  const source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') return null;
      throw new PortError('terminal', `the work names a file of git-lfs that is not here: ${from}`, {
        hint: 'Its pointer was committed without it: fetch it (`git lfs fetch`), or take the pointer out, then retry.',
      });
    },
  );
  if (source === null) return null;
  try {
    const stat = await source.stat();
    if (!stat.isFile() || stat.size !== size) return null;
    const target = await open(to, 'wx', 0o600);
    try {
      const sum = createHash('sha256');
      const buffer = Buffer.alloc(1 << 20);
      for (let left = size; left > 0; ) {
        const { bytesRead } = await source.read(buffer, 0, Math.min(left, buffer.length));
        if (bytesRead === 0) return null;
        sum.update(buffer.subarray(0, bytesRead));
        await target.write(buffer, 0, bytesRead);
        left -= bytesRead;
      }
      return sum.digest('hex');
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

const notAFile = (path: string): PortError =>
  new PortError('terminal', `${path} is not the file that its name says`, {
    hint: 'A program has replaced a file of git-lfs: look at it, remove it, then `git lfs fetch` brings it back.',
  });

/** git-lfs knows the remote by this name. */
export const REMOTE = 'tac8';

/** For where git runs. `lfs.storage` is left alone: where the server is a folder, git-lfs would take it for the server's, too. */
export const lfsSettings = (to: string, isPath: boolean): readonly (readonly [string, string])[] => [
  [`remote.${REMOTE}.url`, isPath ? `file://${to.split('/').map(encodeURIComponent).join('/')}` : to],
  ['lfs.locksverify', 'false'],
];

/** Names at a time on a command line. */
export const AT_ONCE = 500;

/** For whoever pushes pointers without the filter. */
export const refuseFiles = (files: readonly LfsFile[], remedy: string): PortError =>
  new PortError(
    'terminal',
    `the work has ${files.length === 1 ? 'a file' : `${files.length} files`} of git-lfs, and nobody would upload what is in ${files.length === 1 ? 'it' : 'them'}: tac8.yaml does not allow the filter lfs`,
    { hint: remedy },
  );
