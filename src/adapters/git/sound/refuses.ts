import type { Git } from '../call/git.ts';

/** Why git itself cannot work with the settings as they stand, null: it can. `isOdd`: they say of the form of the repository what they did not before. */
export type Refuses = (isOdd: boolean) => Promise<string | null>;

/** Words of git under LC_ALL=C about the settings that it reads. */
const OF_SETTINGS = /\bconfig|repository extension|repo version|bad \S+ value|invalid value|environment variable/i;
const WITHIN = 5_000;

/** By a look at one ref, which starts no program, whatever the settings name. */
export function refusesIn(git: Git, root: string): Refuses {
  return async (isOdd) => {
    const there = { cwd: root, settings: 'shared', codes: [0, 128], timeoutMs: WITHIN } as const;
    const { code, stdout, stderr } = await git(['for-each-ref', '--count=1'], there);
    if (code !== 0) return OF_SETTINGS.test(stderr) ? `refused by git (${stderr.trim().split('\n')[0]})` : null;
    return isOdd && stdout === '' ? 'of a form in which git finds no branch' : null;
  };
}
