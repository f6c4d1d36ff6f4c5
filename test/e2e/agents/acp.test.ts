import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

const jq = (filter: string, file: string): string => execFileSync('jq', ['-r', filter, file], { encoding: 'utf8', timeout: 10_000 }).trim();

const NEEDS = 'a program that speaks the Agent Client Protocol needs two settings to get its pull';

test.for(['none', 'auto'] as const)(`${NEEDS}: sandbox %s`, { timeout: 120_000 }, async (kind, context) => {
  const place = await workplace(context);
  place.configure({
    agent: { kind: 'acp', command: [process.execPath, join(import.meta.dirname, 'programs/acp-agent.ts')] },
    sandbox: { kind },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB' },
  });
  const task = `gh-${place.issue('Say hello', 'A file hello.txt that says hello.')}`;
  const daemon = place.start();
  await place.until('the pull', () => place.board().includes('- PR: #'), 100_000);
  expect(place.repo.git(['log', '-1', '--format=%s', `auto/${task}`])).toBe('Say hello');
  const log = join(place.root, `logs/${task}.jsonl`);
  expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="text") | .text', log)).toBe(
    'I begin.\nDone: hello.txt is committed.',
  );
  expect(jq('select(.type=="assistant") | .message.content[] | select(.type=="tool_use") | .name', log)).toBe('Bash');
  expect(jq('select(.type=="result") | .usage.input_tokens', log)).toBe('10');
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  await until('nothing left behind', () => place.strays().length === 0, { within: 100_000, why: () => place.strays().join('\n') });
});

test(
  'a newcomer writes five lines of settings for an agent that tac8 has never seen, and gets a pull',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    const settings = [
      `github: { api_url: "${place.fake.url}" }`,
      'agent:',
      '  kind: acp',
      `  command: ${JSON.stringify([process.execPath, join(import.meta.dirname, 'programs/acp-agent.ts')])}`,
      'http: { port: 0 }',
    ];
    expect(settings).toHaveLength(5);
    writeFileSync(join(place.root, 'tac8.yaml'), `${settings.join('\n')}\n`);
    place.issue('Say hello', 'A file hello.txt that says hello.');
    const daemon = place.start();
    await place.until('the pull', () => place.fake.state.issues.some(({ pull }) => pull !== null), 100_000);
    expect((await daemon.end('SIGTERM')).code).toBe(0);
  },
);
