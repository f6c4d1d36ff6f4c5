import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

/** A way to break one thing in git's folder that all tasks share. */
export interface Fault {
  readonly name: string;
  /** Below git's folder. */
  readonly path: string;
  readonly how: How;
}

/** Everything that can stand where git expects something else. */
const HOWS = {
  gone: () => undefined,
  empty: (path) => writeFileSync(path, ''),
  garbage: (path) => writeFileSync(path, '\0\u0001 garbage <<<<<<<\n[[[\n'.repeat(20)),
  folder: (path) => writeFileSync(join(mkdir(path), 'x'), 'x'),
  pipe: (path) => void spawnSync('mkfifo', [path]),
  loop: (path) => symlinkSync(path, path),
  huge: (path) => {
    const file = openSync(path, 'w');
    ftruncateSync(file, 40 * 1024 ** 3);
    closeSync(file);
  },
  'half of it': () => undefined,
  unreadable: () => undefined,
  file: (path) => writeFileSync(path, 'no folder\n'),
} as const satisfies Record<string, (path: string) => void>;
export type How = keyof typeof HOWS;

const FILE_FAULTS: readonly How[] = ['gone', 'empty', 'garbage', 'folder', 'pipe', 'loop', 'huge', 'half of it', 'unreadable'];
const FOLDER_FAULTS: readonly How[] = ['gone', 'file', 'pipe', 'loop', 'unreadable'];

const mkdir = (path: string): string => {
  mkdirSync(path);
  return path;
};

/** Files that git does not have in every repository, and reads where they are there. */
const MAY_BE = [
  'shallow',
  'info/attributes',
  'info/grafts',
  'info/sparse-checkout',
  'objects/info/alternates',
  'objects/info/commit-graph',
  'objects/pack/multi-pack-index',
  'config.worktree',
  'packed-refs.lock',
  'refs/heads/pipe',
  'refs/tac8',
];

/** The same in each run: the names of objects are not, so that one of each sort stands for all. */
const calm = (path: string): string =>
  path
    .replace(/pack-[0-9a-f]{40,}/, 'pack-1')
    .replace(/^objects\/[0-9a-f]{2}(?:\/[0-9a-f]+)?$/, (found) => (found.length > 12 ? 'objects/aa/1' : 'objects/aa'));

/** Each thing in git's folder, broken in each way. */
export function faultsOf(git: string): readonly Fault[] {
  const there = readdirSync(git, { recursive: true, withFileTypes: true })
    .map((entry) => ({ path: relative(git, join(entry.parentPath, entry.name)), isFolder: entry.isDirectory() }))
    .filter(({ path }) => !/^hooks\/|\.sample$/.test(path));
  const added = MAY_BE.filter((path) => !existsSync(join(git, path))).map((path) => ({ path, isFolder: false }));
  const named = new Map([...there, ...added].map((one) => [calm(one.path), one]));
  return [...named]
    .flatMap(([name, { path, isFolder }]) =>
      (isFolder ? FOLDER_FAULTS : FILE_FAULTS).map((how) => ({ name: `${name}: ${how}`, path, how })),
    )
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

export function breakIt(git: string, { path, how }: Fault): void {
  const at = join(git, path);
  mkdirSync(dirname(at), { recursive: true });
  const found = lstatSync(at, { throwIfNoEntry: false });
  if (how === 'unreadable') return found === undefined ? writeFileSync(at, '', { mode: 0 }) : chmodSync(at, 0);
  if (how === 'half of it') {
    if (found?.isFile() === true && (found.mode & 0o200) === 0) chmodSync(at, 0o644);
    return found === undefined ? writeFileSync(at, 'half') : truncateSync(at, Math.floor(statSync(at).size / 2));
  }
  if (found !== undefined) rmSync(at, { recursive: true, force: true });
  HOWS[how](at);
}
