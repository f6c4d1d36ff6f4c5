import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import type { Hands } from './hands.ts';

/** Words of git under LC_ALL=C. */
const IN_THE_WAY = /Unable to create '([^'\n]+\.lock)': File exists/g;
/** Of what all tasks share; by way of a view git names the path there. */
const SHARED = /^(?:refs\/.+|packed-refs|shallow|HEAD)\.lock$/;
/** Git holds them for moments. When a file came to be nobody can set, unlike its other times. */
export const HELD_FOR = 20_000;

/** What another git left that was killed, or a worker: everybody would wait for it for ever. */
export async function mendLocks(folder: string, hands: Pick<Hands, 'attempt' | 'takeAway'>, said: string, now = Date.now()): Promise<void> {
  for (const [, named = ''] of said.matchAll(IN_THE_WAY)) {
    const path = named.startsWith(`${folder}/`) ? named.slice(folder.length + 1) : named.replace(/^.*\/views\/[^/]+\//, '');
    if (!SHARED.test(path) || path.split('/').includes('..')) continue;
    const found = lstatSync(join(folder, path), { throwIfNoEntry: false });
    if (found !== undefined && now - found.ctimeMs > HELD_FOR)
      await hands.attempt(() => hands.takeAway(path, 'a lock that nobody lets go of'));
  }
}
