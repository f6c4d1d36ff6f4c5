import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type GitRepo, makeGitRepo } from '../../../../test/support/git/git-repo.ts';
import { createGit, type Git } from '../call/git.ts';
import { openRepository, type Repository } from '../repository/repository.ts';
import { makeBlank } from './blank.ts';
import { admitPack, makePack, moveRefs, type Pack } from './packs.ts';

let from: GitRepo;
let home: string;
let there: { readonly git: Git; readonly repository: Repository };
let here: typeof there;
const at = async (root: string, stateDir: string): Promise<typeof there> => {
  const git = createGit({ cwd: root, stateDir, timeoutMs: () => 60_000 });
  return { git, repository: await openRepository(git, root) };
};
beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'tac8-packs-'));
  from = makeGitRepo({ files: { 'a.txt': 'one\n' } });
  there = await at(from.root, join(home, 'there'));
  const root = join(home, 'here');
  await makeBlank(root, 60_000);
  here = await at(root, join(home, 'state'));
});
afterEach(() => {
  from.remove();
  rmSync(home, { recursive: true });
});

const commitOf = (ref: string): string => from.git(['rev-parse', ref]);
const pack = (refs: Record<string, string>, have: readonly string[] = []): Promise<Pack> =>
  makePack(there.git, there.repository, home, refs, have);
const takePack = async ({ git, repository }: typeof there, sent: Pack): Promise<void> => {
  await admitPack(git, repository, home, sent);
  await moveRefs(git, repository, sent.refs);
};
const standing = async (): Promise<string> =>
  (await here.git(['for-each-ref', '--format=%(refname) %(objectname)'], { cwd: here.repository.root })).stdout;

test('commits go over whole, then only what is new', async () => {
  const first = await pack({ 'refs/heads/main': commitOf('main') });
  await takePack(here, first);
  from.git(['commit', '--quiet', '--allow-empty', '-m', 'two']);
  const second = await pack({ 'refs/heads/main': commitOf('main') }, [commitOf('main~1'), 'f'.repeat(40), '--all']);
  expect(second.bytes?.length).toBeLessThan(first.bytes?.length ?? 0);
  await takePack(here, second);
  expect(await standing()).toBe(`refs/heads/main ${commitOf('main')}\n`);
  expect((await pack({ 'refs/heads/main': commitOf('main') }, [commitOf('main')])).bytes).toBeNull();
});

describe('is refused, and no ref moves', () => {
  const good = (): Promise<Pack> => pack({ 'refs/heads/main': commitOf('main') });
  test.each<[string, () => Promise<Pack>]>([
    ['a ref that is no branch', async () => ({ ...(await good()), refs: { 'refs/replace/x': commitOf('main') } })],
    ['a ref with a way up', async () => ({ ...(await good()), refs: { 'refs/heads/../../hooks': commitOf('main') } })],
    ['an option in place of a commit', async () => ({ ...(await good()), refs: { 'refs/heads/main': '--exec=touch' } })],
    ['a commit that was not sent', async () => ({ ...(await good()), refs: { 'refs/heads/main': 'a'.repeat(40) } })],
    ['a pack without its end', async () => ({ ...(await good()), bytes: (await good()).bytes?.subarray(0, 60) ?? null })],
    ['no pack at all', async () => ({ ...(await good()), bytes: Buffer.from('hello') })],
    [
      'a commit without its files',
      async () => {
        const parent = commitOf('main');
        from.git(['commit', '--quiet', '--allow-empty', '-m', 'two']);
        // As if the other side had the first commit.
        return pack({ 'refs/heads/main': commitOf('main') }, [parent]);
      },
    ],
  ])('%s', async (_, make) => {
    await expect(takePack(here, await make())).rejects.toThrow();
    expect(await standing()).toBe('');
  });
});
