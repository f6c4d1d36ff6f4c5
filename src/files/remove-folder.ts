import { constants } from 'node:fs';
import { chmod, type FileHandle, open, readdir, readFile, rename, rmdir, unlink } from 'node:fs/promises';
import { resolve } from 'node:path';

/*
 * A worker makes what tac8 removes, and a person may have mounted something in there. No link is followed, and no other file system or
 * mounted folder is gone into, also where one is put there meanwhile. A path may be longer than the system takes.
 */

/** Something of another file system is in there: it is untouched, and with it all of the folder or what was left of it. */
export class BorderError extends Error {
  readonly code = 'EBORDER';
  constructor(path: string) {
    super(`${path} is mounted there, or is another file system`);
    this.name = 'BorderError';
  }
}

/** A folder deeper than this is moved up before it is gone into: each level holds a file open. */
const DEPTH = 64;
const LINUX = process.platform === 'linux';
const FOLDER = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
/** Linux's O_PATH, which Node does not name: a folder is opened though nobody may read it. */
const BY_NAME = 0x200000 | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** The first mount at or below the folder, as this process sees it; null: none, or nothing tells (elsewhere than on Linux). */
export async function mountIn(path: string): Promise<string | null> {
  if (!LINUX) return null;
  const whole = resolve(path);
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n');
  const points = lines.map((line) => unescaped(line.split(' ', 5)[4] ?? ''));
  return points.find((point) => point === whole || point.startsWith(`${whole}/`)) ?? null;
}

/** The kernel writes a blank as `\040`. */
const unescaped = (text: string): string =>
  text.replaceAll(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));

/**
 * Removes a folder with all that is in it, or what else stands there; nothing there: nothing to do. A BorderError where something is
 * mounted in it; nothing is removed then, unless the mount came meanwhile.
 */
export async function removeFolder(path: string): Promise<void> {
  const mounted = await mountIn(path);
  if (mounted !== null) throw new BorderError(mounted);
  const top = await opened(Buffer.from(path)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    if (error.code === 'ENOTDIR' || error.code === 'ELOOP') return unlink(path).then(() => null, gone);
    throw error;
  });
  if (top === null) return;
  try {
    const work = { top, path, moved: 0 };
    // What was moved up comes in a further round.
    do {
      work.moved = 0;
      await empty(work, top, 0);
    } while (work.moved > 0);
  } finally {
    await top.handle.close();
  }
  await rmdir(path).catch(gone);
}

interface Folder {
  readonly handle: FileHandle;
  /** By this what is in it is named, however long its path. */
  readonly place: Buffer;
  /** The file system that it is on, and the mount by which it was come to. */
  readonly side: string;
}

interface Work {
  readonly top: Folder;
  readonly path: string;
  moved: number;
}

async function opened(place: Buffer): Promise<Folder> {
  const handle = await open(place, FOLDER).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EACCES' || !LINUX) throw error;
    const named = await open(place, BY_NAME);
    await chmod(`/proc/self/fd/${named.fd}`, 0o700).finally(() => named.close());
    return open(place, FOLDER);
  });
  try {
    const { dev, mode, uid } = await handle.stat();
    // Caches of modules are often made so that nobody may write them.
    if ((mode & 0o300) !== 0o300 && uid === process.getuid?.()) await handle.chmod(0o700);
    if (!LINUX) return { handle, place, side: String(dev) };
    const [, mount = ''] = /^mnt_id:\s*(\d+)$/m.exec(await readFile(`/proc/self/fdinfo/${handle.fd}`, 'utf8')) ?? [];
    return { handle, place: Buffer.from(`/proc/self/fd/${handle.fd}`), side: `${dev} ${mount}` };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function empty(work: Work, folder: Folder, depth: number): Promise<void> {
  const entries = await readdir(folder.place, { withFileTypes: true, encoding: 'buffer' });
  const of = (kind: boolean): Buffer[] => entries.filter((entry) => entry.isDirectory() === kind).map(({ name }) => name);
  await Promise.all(of(false).map((name) => unlink(within(folder, name)).catch(gone)));
  for (const name of of(true)) await removeBelow(work, folder, name, depth);
}

async function removeBelow(work: Work, folder: Folder, name: Buffer, depth: number): Promise<void> {
  const place = within(folder, name);
  if (depth >= DEPTH) {
    work.moved += 1;
    await rename(place, within(work.top, Buffer.from(`.deep-${process.pid}-${process.hrtime.bigint()}`)));
    return;
  }
  const below = await opened(place).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (below === null) return;
  try {
    if (below.side !== work.top.side) throw new BorderError(`something in ${work.path} ("${name.toString('utf8')}")`);
    await empty(work, below, depth + 1);
  } finally {
    await below.handle.close();
  }
  await rmdir(place).catch(gone);
}

const within = (folder: Folder, name: Buffer): Buffer => Buffer.concat([folder.place, Buffer.from('/'), name]);

const gone = (error: NodeJS.ErrnoException): null => {
  if (error.code === 'ENOENT') return null;
  throw error;
};
