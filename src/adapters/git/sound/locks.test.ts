import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { HELD_FOR, mendLocks } from './locks.ts';

const folder = mkdtempSync(join(tmpdir(), 'tac8-locks-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function taken(said: string, later: number): Promise<readonly string[]> {
  const away: string[] = [];
  const hands = {
    attempt: async (work: () => Promise<unknown>) => void (await work()),
    takeAway: async (path: string) => void away.push(path),
  };
  await mendLocks(folder, hands, said, Date.now() + later);
  return away;
}

const words = (path: string): string => `fatal: cannot lock ref 'refs/heads/auto/gh-2': Unable to create '${path}': File exists.`;

test.each([
  'refs/heads/auto/gh-2.lock',
  'refs/remotes/origin/main.lock',
  'packed-refs.lock',
  'HEAD.lock',
  'shallow.lock',
])('%s', async (path) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), '');
  // Its other times are whoever's it is to set.
  utimesSync(join(folder, path), 0, 0);
  for (const named of [join(folder, path), `/elsewhere/.tac8/git/views/abc.start/${path}`]) {
    expect(await taken(words(named), 0)).toEqual([]);
    expect(await taken(words(named), HELD_FOR + 5_000)).toEqual([path]);
  }
});

test('nothing else that git names, and nothing that is not there', async () => {
  for (const path of ['config.lock', 'worktrees/gh-1/index.lock', 'precious', 'refs/../config.lock']) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), '');
    expect([path, await taken(words(join(folder, path)), HELD_FOR * 2)]).toEqual([path, []]);
  }
  expect(await taken(words(join(folder, 'refs/heads/none.lock')), HELD_FOR * 2)).toEqual([]);
  expect(await taken('fatal: something else', HELD_FOR * 2)).toEqual([]);
});
