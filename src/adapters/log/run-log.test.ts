import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { running } from '../../../test/support/world.ts';
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

test('what a full disk does not take is not called written', async () => {
  const { root, log } = place();
  symlinkSync('/dev/full', log);
  await expect(createRunLog(root).append(run, { type: 'tac8', event: 'run_ended' })).rejects.toThrow(/ENOSPC/);
});
