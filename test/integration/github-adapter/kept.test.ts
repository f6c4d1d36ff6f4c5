import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LABEL, signal, useGitHub } from './world.ts';

const world = useGitHub();
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tac8-kept-'));
  await world.start();
  for (let n = 0; n < 120; n += 1) world.github.createIssue('alice', { title: `I${n}`, labels: [LABEL] });
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const files = (): string[] => readdirSync(join(folder, 'github')).filter((name) => name.endsWith('.json'));

/** Begins anew and looks; answers the statuses of what was asked, and how many issues there are. */
async function look(as = 'tac8') {
  const before = world.github.journal.entries().length;
  const forge = world.connect({ folder: { path: join(folder, 'github'), isWriting: true }, token: async () => world.github.token(as) });
  const issues = await forge.issues(LABEL, signal);
  await forge.openPulls(signal);
  await expect.poll(files).toHaveLength(4);
  return {
    statuses: world.github.journal
      .entries()
      .slice(before)
      .map(({ status }) => status),
    issues,
  };
}

test('the first questions of a start are answered by "it has not changed"', async () => {
  const first = await look();
  const again = await look();
  expect(new Set(again.statuses)).toEqual(new Set([304]));
  expect(again.issues).toEqual(first.issues);
  world.github.createIssue('alice', { title: 'New', labels: [LABEL] });
  const third = await look();
  expect(third.issues).toHaveLength(121);
  // The first page is as it was.
  expect(third.statuses).toContain(304);
});

test('what somebody without the token wrote there counts for nothing, and neither does what was read with another token', async () => {
  const first = await look();
  for (const name of files()) {
    const path = join(folder, 'github', name);
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('I1"', 'Pay me"'));
  }
  const again = await look();
  expect(again.issues).toEqual(first.issues);
  expect(again.statuses).toContain(200);
  // All but the first page, which is read twice to know that the list stood still.
  expect((await look('alice')).statuses.filter((status) => status === 304)).toHaveLength(1);
});

test('files that are no answers cost nothing but a full one', async () => {
  const first = await look();
  for (const [n, name] of files().entries()) writeFileSync(join(folder, 'github', name), ['', '{', '[]', 'null'][n] ?? '');
  expect((await look()).issues).toEqual(first.issues);
});

test('a command reads what the daemon kept, and writes nothing', async () => {
  const reads = { path: join(folder, 'github'), isWriting: false };
  await world.connect({ folder: reads }).issues(LABEL, signal);
  expect(() => readdirSync(join(folder, 'github'))).toThrow('ENOENT');
  const first = await look();
  const before = world.github.journal.entries().length;
  expect(await world.connect({ folder: reads }).issues(LABEL, signal)).toEqual(first.issues);
  expect(
    new Set(
      world.github.journal
        .entries()
        .slice(before)
        .map(({ status }) => status),
    ),
  ).toEqual(new Set([304]));
});
