import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { type Workplace, workplace } from '../support/world/daemon.ts';

/** Files of git-lfs, with the real git-lfs: pointers in commits, what they name at the server, both ways. */

vi.setConfig({ testTimeout: 120_000 });

const ATTRIBUTES = '*.bin filter=lfs diff=lfs merge=lfs -text\n';
const FILTERS =
  '[filter "lfs"]\n\tclean = git-lfs clean -- %f\n\tsmudge = git-lfs smudge -- %f\n\tprocess = git-lfs filter-process\n\trequired = true\n';
const OLD = 'what is at the server already\n';

const sum = (text: string): string => createHash('sha256').update(text).digest('hex');
const pointer = (text: string): string => `version https://git-lfs.github.com/spec/v1\noid sha256:${sum(text)}\nsize ${text.length}\n`;
const atServer = ({ fake }: Workplace, text: string): string =>
  join(fake.bare, 'lfs/objects', sum(text).slice(0, 2), sum(text).slice(2, 4), sum(text));

/** A repository with a file of git-lfs that is at the server alone. */
async function place(context: Parameters<typeof workplace>[0], agent: string): Promise<Workplace> {
  const made = await workplace(context, { files: { '.gitattributes': ATTRIBUTES, 'old.bin': pointer(OLD) } });
  mkdirSync(dirname(atServer(made, OLD)), { recursive: true });
  writeFileSync(atServer(made, OLD), OLD);
  mkdirSync(join(made.home, 'home'), { recursive: true });
  writeFileSync(join(made.home, 'home', '.gitconfig'), FILTERS);
  made.configure({ agent: made.agent(`set -e\n${agent}\ngit add -A && git commit -qm work\n`), git: { filters: ['lfs'] } });
  made.issue('Files');
  made.start();
  return made;
}

const task = async (at: Workplace) => (await at.status()).tasks.find(({ id }) => id === 'gh-1');
const ended = (at: Workplace): Promise<unknown> =>
  at.until('the end', async () => ['completed', 'failed', 'blocked'].includes((await task(at))?.state ?? ''), 90_000);
const pushed = (at: Workplace, path: string): string => at.repo.git(['--git-dir', at.fake.bare, 'cat-file', '-p', `auto/gh-1:${path}`]);

test('a worker sees contents; its commits have pointers, and what they name is at the server when they arrive', async (context) => {
  const at = await place(context, 'cat old.bin >seen.txt; echo new >new.bin');
  await ended(at);
  expect((await task(at))?.reason).toBeNull();
  expect(`${pushed(at, 'seen.txt')}\n`).toBe(OLD);
  expect(`${pushed(at, 'new.bin')}\n`).toBe(pointer('new\n'));
  expect(readFileSync(atServer(at, 'new\n'), 'utf8')).toBe('new\n');
  // The server was asked with the login of the daemon, and nobody else was.
  expect(at.fake.journal.entries().filter(({ path, status }) => /\/info\/lfs\//.test(path) && status !== 200 && status !== 401)).toEqual(
    [],
  );
});
