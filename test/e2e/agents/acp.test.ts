import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

const jq = (filter: string, file: string): string => execFileSync('jq', ['-r', filter, file], { encoding: 'utf8', timeout: 10_000 }).trim();

test('a program that speaks the Agent Client Protocol needs two settings to get its pull', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({
    agent: { kind: 'acp', command: [process.execPath, join(import.meta.dirname, 'programs/acp-agent.ts')] },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB' },
  });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  place.start();
  await place.until('the pull', () => place.board().includes('- PR: #'), 100_000);
  expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('Say hello');
  const log = join(place.root, `logs/${task}.jsonl`);
  expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="text") | .text', log)).toBe(
    'I begin.\nDone: hello.txt is committed.',
  );
  expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="tool_use") | .name', log)).toBe('Bash');
  expect(jq('select(.type=="result") | .usage.input_tokens', log)).toBe('10');
  expect(place.strays()).toEqual([]);
});
