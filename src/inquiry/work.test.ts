import { rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeGitRepo } from '../../test/support/git/git-repo.ts';
import { openMemoryStore } from '../adapters/store/memory.ts';
import { diffOf, type WorkAt } from './work.ts';

test('of a diff one file is told, whatever signs its name has', async () => {
  const { root, git, remove } = makeGitRepo({ files: { 'plain.txt': 'old\n', 'turns.txt': 'a file\n' } });
  onTestFinished(remove);
  const odd = [
    'with space.txt',
    'ünïcode 日本.txt',
    'say "hi".txt',
    'back\\slash.txt',
    'tab\there.txt',
    'line\nbreak.txt',
    'bell\u0007\u0001.txt',
  ];
  for (const name of [...odd, 'plain.txt']) writeFileSync(join(root, name), `${JSON.stringify(name)}\n`);
  rmSync(join(root, 'turns.txt'));
  symlinkSync('plain.txt', join(root, 'turns.txt'));
  git(['add', '-A']);
  // As all of tac8's calls of git have it (src/adapters/git/call/git.ts).
  const patch = git(['-c', 'core.quotePath=false', 'diff', '--cached', '--src-prefix=a/', '--dst-prefix=b/']);
  const from = { kind: 'branch', branch: 'auto/gh-1' } as const;
  const text = Buffer.from(patch).toString('latin1');
  const workspaces = { difference: async () => ({ from, base: 'b', files: [], inside: [], text }) } as unknown as WorkAt['workspaces'];
  const at: WorkAt = { store: openMemoryStore(), workspaces, branchPrefix: 'auto/', now: () => 0 };
  const partOf = async (file: string) => (await diffOf(at, 'gh-1', { file, isWhole: true }))?.patch ?? '';
  for (const name of odd) {
    const part = await partOf(name);
    expect(part.match(/^diff --git /gm), name).toHaveLength(1);
    expect(part).toContain(`+${JSON.stringify(name)}`);
  }
  expect(await partOf('plain.txt')).toMatch(/^-old\n\+"plain.txt"$/m);
  expect((await partOf('turns.txt')).match(/^diff --git /gm)).toHaveLength(2);
  expect(await partOf('none.txt')).toBe('');
  expect(await partOf('.*')).toBe('');
});
