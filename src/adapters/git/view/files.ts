import { constants } from 'node:fs';
import { copyFile, type FileHandle, lstat, mkdir, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import { readPlainSync } from '../../../files/open-plain.ts';

/** For `.catch`: a file that is not there has an answer, any other failure stays one. */
export function absent<T>(value: T): (error: unknown) => T {
  return (error) => {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return value;
    throw error;
  };
}

export type PathKind = 'missing' | 'folder' | 'file' | 'symlink' | 'other';

/** What stands at a path, without following a link. */
export async function kindOf(path: string): Promise<PathKind> {
  const found = await lstat(path).catch(absent(null));
  if (found === null) return 'missing';
  if (found.isSymbolicLink()) return 'symlink';
  if (found.isDirectory()) return 'folder';
  return found.isFile() ? 'file' : 'other';
}

/** More than any file of git's own that is read here. */
const MAX_PLAIN = 512 * 1024 * 1024;

/**
 * Reads a file that an agent can replace. A named pipe would hold one of the few threads that read files for ever, and with it the daemon:
 * terminal PortError for whatever is no plain file, or is larger than `most`. ENOENT is thrown as it is.
 */
export async function readPlain(path: string, most = MAX_PLAIN): Promise<Buffer> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = await file.stat();
    if (found.isFile() && found.size <= most) return (await readAtOnce(file, found.size)) ?? (await file.readFile());
    // As reading a folder has it: other names begin with this one.
    if (found.isDirectory()) throw Object.assign(new Error(`EISDIR: ${path} is a folder`), { code: 'EISDIR' });
    throw new PortError('terminal', `${path} is ${found.isFile() ? `larger than ${most / 1024 / 1024} MiB` : 'no plain file'}`, {
      hint: 'A program has replaced a file of git: look at it, then remove it or put it back.',
    });
  } finally {
    await file.close();
  }
}

/** Most files are small and stay as long as they were; readFile would ask for the size once more. Null: this one is not so. */
async function readAtOnce(file: FileHandle, size: number): Promise<Buffer | null> {
  if (size === 0 || size > SMALL) return null;
  // A byte more than it should have: where that comes, it has grown.
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(size + 1), 0, size + 1, 0);
  return bytesRead === size ? buffer.subarray(0, size) : null;
}

const SMALL = 64 * 1024;

/** The same as text. */
export const readPlainText = async (path: string, most?: number): Promise<string> => (await readPlain(path, most)).toString('utf8');

const MAX_SIGN = 64 * 1024;

/**
 * The text of a small file that an agent or a person left (first 64 KiB); null: not there.
 * Never follows a link out of the worktree and never waits for a named pipe: such a thing counts as an empty file.
 */
export async function readSign(path: string): Promise<string | null> {
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ELOOP' || code === 'ENXIO' || code === 'EACCES') return '';
    return absent(null)(error);
  }
  try {
    if (!(await file.stat()).isFile()) return '';
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAX_SIGN), 0, MAX_SIGN, 0);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * Moves what stands at `path` to `folder/name`, or to `name-2`, `name-3`, … where that is taken; answers where it went.
 * A rename: nothing is copied, followed or deleted. To another file system a plain file is copied first, then removed (a crash in between
 * leaves both); anything else is refused with EXDEV.
 */
export async function moveAside(path: string, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  for (let n = 1; ; n += 1) {
    const to = join(folder, n === 1 ? name : `${name}-${n}`);
    if ((await kindOf(to)) !== 'missing') continue;
    await mkdir(dirname(to), { recursive: true });
    await rename(path, to).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV' || (await kindOf(path)) !== 'file') throw error;
      await copyFile(path, to, constants.COPYFILE_EXCL);
      await rm(path);
    });
    return to;
  }
}

const MAX_TEXT = 16 * 1024 * 1024;

/** Empty where no file is there that can be read. */
export function textOf(path: string): string {
  try {
    return readPlainSync(path, MAX_TEXT);
  } catch {
    return '';
  }
}
