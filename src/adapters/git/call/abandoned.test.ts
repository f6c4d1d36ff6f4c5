import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, expect, test } from 'vitest';
import { endAbandoned, ownerMark } from './abandoned.ts';

let children: ChildProcess[] = [];

afterEach(() => {
  for (const child of children) child.kill('SIGKILL');
  children = [];
});

/** Waits for ever, with `word` on its command line. Resolves when it is that program. */
async function wait(word: string, env: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = spawn('/bin/sh', ['-c', 'echo up; read line', word], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

const FOLDER = `/nowhere/${process.pid}/a folder`;
const DEAD = { TAC8_GIT_OWNER: `4194304999 1 ${FOLDER}` };

test('ends what talks to a remote for an owner that is gone, and nothing else', async () => {
  const abandoned = await wait('push', DEAD);
  const spared = [
    await wait('push', ownerMark(FOLDER)), // its owner lives
    await wait('commit', DEAD), // ends by itself
    await wait('push', { TAC8_GIT_OWNER: '4194304999 1 /elsewhere' }), // another repository's
    await wait('push', {}), // a person's
  ];
  const ended = once(abandoned, 'exit');
  expect(endAbandoned(FOLDER)).toEqual(['/bin/sh -c echo up; read line push']);
  expect(await ended).toEqual([null, 'SIGKILL']);
  expect(spared.map((child) => child.signalCode)).toEqual([null, null, null, null]);
  expect(endAbandoned(FOLDER)).toEqual([]);
});
