import { createHash } from 'node:crypto';
import { mkdir, readdir, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Ms } from '../../core/model/seen.ts';
import { openPlain } from '../../files/open-plain.ts';
import { writeWhole } from '../../files/write-whole.ts';

/*
 * Which daemons of this person run on this machine: each has a file of its own in one folder while it serves its page. A worker without a
 * sandbox can write there, too; so an entry is never more than an address on this machine, asked with what stands in its own repository.
 */

export interface Entry {
  readonly root: string;
  readonly url: string;
  readonly pid: number;
}

const MOST_ENTRIES = 100;
const MOST_BYTES = 8192;
/** What a daemon that was killed left behind goes after so long. */
const FORGOTTEN_AFTER: Ms = 7 * 24 * 60 * 60_000;

/** Null: this person has no home. */
export function registryOf(env: Readonly<Record<string, string | undefined>>): string | null {
  const state = env.XDG_STATE_HOME || (env.HOME ? join(env.HOME, '.local/state') : null);
  return state === null ? null : join(state, 'tac8/daemons');
}

const fileOf = (folder: string, root: string): string =>
  join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.json`);

export async function register(folder: string, entry: Entry): Promise<void> {
  await makeFolder(folder);
  await writeWhole(fileOf(folder, entry.root), `${JSON.stringify(entry)}\n`);
}

/** A folder at a time: where a file system answers that nothing is there, Node's recursive `mkdir` begins anew for ever (a HOME in /proc). */
async function makeFolder(path: string): Promise<void> {
  const make = (): Promise<'made' | 'there' | 'nowhere'> =>
    mkdir(path, { mode: 0o700 }).then(
      () => 'made',
      (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return 'there';
        if (error.code === 'ENOENT' && dirname(path) !== path) return 'nowhere';
        throw error;
      },
    );
  if ((await make()) !== 'nowhere') return;
  await makeFolder(dirname(path));
  if ((await make()) === 'nowhere') throw new Error(`no folder can be made at ${path}`);
}

/** Only its own: the next daemon of the repository may be there already. */
export async function leave(folder: string, { root, pid }: Entry): Promise<void> {
  const path = fileOf(folder, root);
  if ((await entryIn(path))?.pid === pid) await rm(path, { force: true });
}

/** All of them, by their paths. What cannot be read is none. */
export async function entriesIn(folder: string): Promise<readonly Entry[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => /^[0-9a-f]{16}\.json$/.test(name)).slice(0, MOST_ENTRIES);
  const found = await Promise.all(names.map((name) => entryIn(join(folder, name))));
  return found.filter((entry) => entry !== null).sort((a, b) => (a.root < b.root ? -1 : 1));
}

/** Takes away what a daemon left that is long gone. */
export async function forget(folder: string, { root }: Entry, now: Ms): Promise<void> {
  const path = fileOf(folder, root);
  const { mtimeMs } = await stat(path);
  if (now - mtimeMs > FORGOTTEN_AFTER) await rm(path, { force: true });
}

async function entryIn(path: string): Promise<Entry | null> {
  try {
    const file = await openPlain(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(MOST_BYTES), 0, MOST_BYTES, 0);
      const { root, url, pid } = JSON.parse(buffer.toString('utf8', 0, bytesRead)) as Readonly<Record<string, unknown>>;
      const isOne = typeof root === 'string' && root.startsWith('/') && typeof url === 'string' && isHere(url) && typeof pid === 'number';
      return isOne && fileOf('', root) === path.slice(path.lastIndexOf('/') + 1) ? { root, url, pid } : null;
    } finally {
      await file.close();
    }
  } catch {
    // Half written, or put there by somebody else.
    return null;
  }
}

/** An address of this machine: nobody else is ever asked. */
const isHere = (url: string): boolean => /^http:\/\/(?:127\.\d{1,3}\.\d{1,3}\.\d{1,3}|localhost|\[::1\]):\d{1,5}$/.test(url);
