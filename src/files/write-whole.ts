import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';

export interface WholeOptions {
  /** Default: for its owner alone. */
  readonly mode?: number;
  /** The file that is written first, in the same folder. Default: one that nobody else has, so that two writers do not meet. */
  readonly aside?: string;
  /** It is on the disk when this is done, also where the power goes. Left out: when the system pleases. */
  readonly flush?: boolean;
}

/** A name that nobody else has by accident. Who must not be able to guess it takes one of node:crypto, which costs a command a fifth of its start. */
export const anyName = (): string => `${process.pid.toString(36)}-${digits()}${digits()}`;

const digits = (): string => Math.random().toString(36).slice(2);

const asideOf = (path: string): string => `${path}.${anyName()}.tmp`;

/*
 * Whatever somebody put in the way of a name of ours is not written into: a name of the caller's may be left over from a crash, and is made anew. A folder
 * in the place of the file itself, which no rename replaces, is moved beside it, and not deleted.
 */
const isFolderInTheWay = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === 'EISDIR';
const inTheWay = (path: string): string => `${path}.${anyName()}.in-the-way`;

function clearSync(aside: string): void {
  try {
    rmSync(aside, { force: true });
  } catch {
    renameSync(aside, inTheWay(aside));
  }
}

/** By another file and a rename: a crash leaves the old text or the new one, never half of it. */
export async function writeWhole(path: string, text: string | Uint8Array, options: WholeOptions = {}): Promise<void> {
  const { mode = 0o600, aside = asideOf(path), flush = false } = options;
  try {
    if (options.aside !== undefined) await rm(aside, { force: true }).catch(() => rename(aside, inTheWay(aside)));
    await writeFile(aside, text, { mode, flag: 'wx', flush });
    await rename(aside, path).catch(async (error: unknown) => {
      if (!isFolderInTheWay(error)) throw error;
      await rename(path, inTheWay(path));
      await rename(aside, path);
    });
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The same for code that must not wait. */
export function writeWholeSync(path: string, text: string, options: Omit<WholeOptions, 'flush'> = {}): void {
  const { mode = 0o600, aside = asideOf(path) } = options;
  try {
    if (options.aside !== undefined) clearSync(aside);
    writeFileSync(aside, text, { mode, flag: 'wx' });
    try {
      renameSync(aside, path);
    } catch (error) {
      if (!isFolderInTheWay(error)) throw error;
      renameSync(path, inTheWay(path));
      renameSync(aside, path);
    }
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}

/** The same, where it is not that file already: nothing is written then. */
export async function holdWhole(path: string, text: string, { mode = 0o600 }: Pick<WholeOptions, 'mode'> = {}): Promise<void> {
  if (!holds(path, text, mode)) await writeWhole(path, text, { mode });
}

/** Neither a link nor a pipe in its place counts. */
function holds(path: string, text: string, mode: number): boolean {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch {
    return false;
  }
  try {
    const found = fstatSync(file);
    return found.isFile() && (found.mode & 0o777) === mode && found.size === Buffer.byteLength(text) && readFileSync(file, 'utf8') === text;
  } finally {
    closeSync(file);
  }
}
