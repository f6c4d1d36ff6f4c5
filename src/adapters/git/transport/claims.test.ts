import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER, spacesIn } from '../../../../test/support/git/git-workspaces.ts';
import type { Claims } from '../../../engine/ports/repository/claims.ts';

let world: GitWorld | null = null;
afterEach(() => {
  world?.remove();
  world = null;
});

/** Two clones of one remote, each with an adapter of its own. */
function clones(options: Parameters<typeof makeGitWorld>[0] = {}) {
  world = makeGitWorld({ remote: true, ...options });
  const { home, remote, git } = world;
  const second = join(home, 'second');
  git(['clone', '--quiet', remote ?? '', second], home);
  const bare = remote ?? '';
  return { one: world.spaces.claims, two: spacesIn({ root: second, home, remote: 'origin' }).claims, bare, git, second };
}
const put = (claims: Claims, text: string, from: string | null = null) => claims.push([{ task: 'gh-7', from, to: 'claim' }], text, NEVER);
const refs = ({ git, bare }: ReturnType<typeof clones>): string => git(['for-each-ref', '--format=%(refname)', 'refs/tac8'], bare);

describe.each(['sha1', 'sha256'] as const)('in a repository of %s', (objectFormat) => {
  it('a claim is there once, read by the other clone, changed and taken away only by who knows it', async () => {
    const place = clones({ objectFormat });
    const { one, two, git, bare } = place;
    const first = await put(one, 'a\n\n{"x":1}\n');
    expect(first.of.get('gh-7')).toBe('done');
    expect((await put(two, 'b')).of.get('gh-7')).toBe('other');
    expect(await two.read(['gh-7', 'gh-8'], NEVER)).toEqual(
      new Map([['gh-7', { id: first.id, text: expect.stringContaining('{"x":1}') }]]),
    );
    expect((await two.push([{ task: 'gh-7', from: 'f'.repeat(first.id.length), to: 'nothing' }], '', NEVER)).of.get('gh-7')).toBe('other');
    const renewed = await put(one, 'c', first.id);
    expect(renewed.of.get('gh-7')).toBe('done');
    expect((await put(two, 'd', first.id)).of.get('gh-7')).toBe('other');
    expect(refs(place)).toBe('refs/tac8/claim/gh-7');
    expect((await one.push([{ task: 'gh-7', from: renewed.id, to: 'nothing' }], '', NEVER)).of.get('gh-7')).toBe('done');
    expect(refs(place)).toBe('');
    // Nothing of it is left in the clones.
    expect(git(['cat-file', '--batch-all-objects', '--batch-check=%(objectname)'])).not.toContain(first.id);
    expect(git(['for-each-ref', 'refs/tac8'])).toBe('');
    expect(existsSync(bare)).toBe(true);
  });
});

it('of many that push at the same moment one is the first, each time', async () => {
  const { one, two } = clones();
  for (let n = 1; n <= 5; n += 1) {
    const change = [{ task: `gh-${n}` as const, from: null, to: 'claim' as const }];
    const came = await Promise.all([one, two, one, two].map((claims, by) => claims.push(change, `${by}`, NEVER)));
    expect(came.map(({ of }) => of.get(`gh-${n}`)).sort()).toEqual(['done', 'other', 'other', 'other']);
  }
});

it('several in one push stand or fall each for itself, and a hook that refuses is named', async () => {
  const { one, two, bare } = clones();
  await put(two, 'b');
  const both = await one.push(
    [
      { task: 'gh-7', from: null, to: 'claim' },
      { task: 'gh-8', from: null, to: 'claim' },
    ],
    'a',
    NEVER,
  );
  expect([...both.of].sort()).toEqual([
    ['gh-7', 'other'],
    ['gh-8', 'done'],
  ]);
  mkdirSync(join(bare, 'hooks'), { recursive: true });
  writeFileSync(join(bare, 'hooks/pre-receive'), '#!/bin/sh\ngrep -q refs/tac8 && exit 1\nexit 0\n');
  chmodSync(join(bare, 'hooks/pre-receive'), 0o755);
  const refused = await one.push([{ task: 'gh-9', from: null, to: 'claim' }], 'a', NEVER);
  expect(refused.of.get('gh-9')).toEqual({ refused: expect.stringContaining('hook declined') });
});

it('a clone of a few commits claims as well, and stays as it is', async () => {
  const { one, git, bare, second } = clones();
  git(['fetch', '--quiet', '--depth=1', `file://${bare}`, 'main'], second);
  const { two } = { two: spacesIn({ root: second, home: join(second, '..'), remote: 'origin' }).claims };
  expect((await put(two, 'shallow')).of.get('gh-7')).toBe('done');
  expect((await one.read(['gh-7'], NEVER)).get('gh-7')?.text).toContain('shallow');
});

it('a clone is known by what it is, also to the next daemon of it', async () => {
  const { one, two } = clones();
  const again = world?.again().claims;
  expect((await one.whoami()).owner).toBe((await again?.whoami())?.owner);
  expect((await one.whoami()).owner).not.toBe((await two.whoami()).owner);
});
