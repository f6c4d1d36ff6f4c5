import { randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Repository } from './repository.ts';

/** git's own sweep of such folders knows other names. */
const INCOMING = 'incoming-tac8-';
/** Longer than a take-over lasts: the daemon of another checkout of the same repository may be at one. */
const LEFT_AFTER = 60 * 60_000;

/** Lends an empty folder of objects beside those of the repository; the packs that `work` leaves in it become the repository's. */
export async function withIncoming<T>({ commonDir }: Repository, work: (objects: string) => Promise<T>): Promise<T> {
  const shared = join(commonDir, 'objects');
  const aside = join(shared, `${INCOMING}${randomUUID()}`);
  try {
    await mkdir(join(aside, 'pack'), { recursive: true });
    const result = await work(aside);
    await mkdir(join(shared, 'pack'), { recursive: true });
    const made = (await readdir(join(aside, 'pack'))).filter((name) => name.startsWith('pack-'));
    // The index comes last: git looks for a pack by it.
    for (const file of made.toSorted((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx'))))
      await rename(join(aside, 'pack', file), join(shared, 'pack', file));
    return result;
  } finally {
    await removeFolder(aside);
  }
}

/** Removes what a daemon that was killed in a take-over has left beside the objects; answers how many there were. */
export async function removeLeftPacks({ commonDir }: Repository): Promise<number> {
  const shared = join(commonDir, 'objects');
  const names = (await readdir(shared).catch((): string[] => [])).filter((name) => name.startsWith(INCOMING));
  let removed = 0;
  for (const name of names) {
    const made = (await lstat(join(shared, name)).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - made < LEFT_AFTER) continue;
    await removeFolder(join(shared, name));
    removed += 1;
  }
  return removed;
}
