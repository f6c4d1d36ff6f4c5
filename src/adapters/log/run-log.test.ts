import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { running } from '../../../test/support/world/world.ts';
import { createRunLog } from './run-log.ts';

const run = running('w-000001', 'gh-7');

function place(): { readonly root: string; readonly log: string } {
  const root = mkdtempSync(join(tmpdir(), 'tac8-run-log-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, 'logs'));
  return { root, log: join(root, 'logs/gh-7.w-000001.jsonl') };
}

test('a line of ours stands on a line of its own, after half a line of the agent’s or of an earlier try', async () => {
  const { root, log } = place();
  writeFileSync(log, '{"type":"assist');
  await createRunLog(root).append(run, { type: 'tac8', event: 'run_ended' });
  expect(readFileSync(log, 'utf8')).toMatch(/^\{"type":"assist\n\{"type":"tac8","event":"run_ended","time":"[^"]+"\}\n$/);
});

test('what is said once stands once, after a kill in any place', async () => {
  const at = 1_800_000_000_000;
  const end = { type: 'tac8', event: 'run_ended', run: run.id };
  const error = { type: 'error', run: run.id, error: { type: 'crash', message: 'ein Wort: ä' } };
  const whole = place();
  const say = async (root: string): Promise<void> => {
    await createRunLog(root).appendOnce(run, error, at);
    await createRunLog(root).appendOnce(run, end, at + 1);
  };
  await say(whole.root);
  const text = readFileSync(whole.log, 'utf8');
  // Killed after each byte that a write may have got to; then the next daemon says both again.
  for (let cut = 0; cut <= text.length; cut += 1) {
    writeFileSync(whole.log, `{"type":"assistant"}\n${text.slice(0, cut)}`);
    await say(whole.root);
    const lines = readFileSync(whole.log, 'utf8').split('\n');
    for (const one of text.trimEnd().split('\n'))
      expect(
        lines.filter((line) => line === one),
        `cut at ${cut}`,
      ).toHaveLength(1);
  }
});

test('the same end at another time, or in the words of an agent, keeps nothing from being said', async () => {
  const { root, log } = place();
  const end = { type: 'tac8', event: 'run_ended', run: run.id };
  writeFileSync(log, `{"text":"${JSON.stringify(JSON.stringify({ ...end, time: new Date(1).toISOString() })).slice(1, -1)}"}\n`);
  await createRunLog(root).appendOnce(run, end, 1);
  await createRunLog(root).appendOnce(run, end, 2);
  expect(readFileSync(log, 'utf8').trimEnd().split('\n')).toHaveLength(3);
});

test('a link that a worker put in the place of its log is not written through', async () => {
  const { root, log } = place();
  const theirs = join(root, 'profile');
  writeFileSync(theirs, 'export PATH\n');
  symlinkSync(theirs, log);
  await expect(createRunLog(root).append(run, { type: 'tac8', event: 'run_ended' })).rejects.toThrow(/no plain file/);
  expect(readFileSync(theirs, 'utf8')).toBe('export PATH\n');
});

const tiny = mkdtempSync(join(tmpdir(), 'tac8-tiny-'));
const isMounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', tiny]).status === 0;
afterAll(() => {
  if (isMounted) spawnSync('umount', ['-l', tiny]);
  rmSync(tiny, { recursive: true, force: true });
});

test.skipIf(!isMounted)('what a full disk does not take is not called written (skipped where no file system can be mounted)', async () => {
  mkdirSync(join(tiny, 'logs'));
  const append = createRunLog(tiny).append;
  await expect(append(run, { type: 'tac8', event: 'run_ended', words: 'x'.repeat(10_000) })).rejects.toThrow(/ENOSPC|bytes of a line/);
});
