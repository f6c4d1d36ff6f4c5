import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

/** Speaks as Claude Code does; the first task succeeds, the second fails, both say their key. */
const AGENT = `
read -r prompt
say() { printf '%s\\n' "$1"; }
say '{"type":"system","subtype":"init","session_id":"s","model":"m"}'
say '{"type":"assistant","message":{"id":"1","content":[{"type":"text","text":"My key is '"$MY_KEY"' and ghp_abcdefghijklmnopqrst <script>."}]}}'
if [ "$TAC8_TASK" = gh-1 ]; then
  echo hello >hello.txt; git add -A; git commit -qm hello
  say '{"type":"result","subtype":"success","is_error":false,"result":"Done.","usage":{"input_tokens":10,"output_tokens":5},"total_cost_usd":0.5}'
else
  say '{"type":"result","subtype":"error_during_execution","is_error":true,"result":"It broke.","usage":{},"total_cost_usd":0.25}'
  exit 1
fi
`;

test('report and export tell what a daemon’s runs came to, also when none runs any more', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  place.env.MY_KEY = 'very-secret-key-of-mara';
  const agent = place.agent(AGENT);
  place.configure({
    agent: { ...agent, kind: 'claude', env: ['MY_KEY'] },
    pulls: { draft: false },
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 },
  });
  place.issue('Say hello', 'In a file.');
  place.issue('Break');
  const daemon = place.start();
  await place.until('both ends', () => place.fake.state.comments.length === 2, 60_000);
  await daemon.end('SIGTERM');
  const pull = place.fake.state.issues.find((issue) => issue.pull !== null);
  await place.fake.mergePull('wil', pull?.number ?? 0);

  // What the way out counted: of a task of the period, and of one of another.
  const sum = { requests: 3, sent: 1200, received: 3_400_000 };
  mkdirSync(join(place.root, '.tac8/egress'), { recursive: true });
  writeFileSync(
    join(place.root, '.tac8/egress/traffic.json'),
    JSON.stringify({ 'gh-1': { 'registry.example:443': sum }, 'gh-99': { 'old.example:443': sum } }),
  );
  const { out, code } = await place.tac8('report', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toMatchObject({
    ...{ runs: 2, done: 1, failed: 1, asked: 0, person: 0, outside: 0 },
    success: { hits: 1, of: 2, share: 0.5 },
    tasks: { hits: 1, of: 2 },
    durations: { done: { of: 1 }, all: { of: 2 } },
    pulls: { open: 0, closed: 0, merged: 1, unknown: 0, why_unknown: null },
    ...{ usd_per_pull: 0.75, usd_per_merged_pull: 0.75 },
    failures: [{ type: 'agent_error', count: 1 }],
    traffic: [{ task: 'gh-1', host: 'registry.example:443', ...sum }],
  });
  const text = (await place.tac8('report')).out;
  expect(text).toContain('50 % (1 of 2; 9 to 91 % with 95 % confidence) of the runs');
  expect(text).toContain('1: 1 merged, 0 open, 0 closed without merge');
  expect(text).toMatch(/gh-1 registry\.example:443 +3 requests, 1\.2 KB sent, 3\.4 MB received/);
  expect(text).not.toContain('old.example');
  expect(text).toMatch(/1 agent_error +The agent ended with an error/);
  expect((await place.tac8('report', '--offline')).out).toContain('1 unknown: the forge was not asked');
  // A second has to pass: the commands before may have taken less.
  await until('a report of nothing', async () => (await place.tac8('report', '--since', '1s')).out.includes('No run ended in that time'));
  const html = (await place.tac8('report', '--html')).out;
  expect(html).toContain('registry.example:443');
  expect(html).toMatch(/^<!doctype html>[\s\S]*default-src 'none'[\s\S]*<svg [\s\S]*1 done, 1 failed[\s\S]*<\/html>\n$/);
  expect(html.replaceAll(/<style>[\s\S]*<\/style>|<[^<>]*>/g, '')).not.toMatch(/[<>]/);

  const all = JSON.parse((await place.tac8('export', '2')).out) as Record<string, unknown>;
  expect(all).toMatchObject({
    task: { id: 'gh-2', state: 'failed' },
    issue: { title: 'Break', state: 'open' },
    issue_unknown: null,
    board: expect.stringMatching(/^\[❌ w-\w{6}\] gh-2: Break\n- Reason: agent_error: It broke/u),
    runs: [{ task: 'gh-2', settlement: { outcome: { kind: 'failed' } } }],
    history: expect.arrayContaining([expect.objectContaining({ event: 'failed' })]),
    transcript: [{ attempt: 1, events: expect.arrayContaining([expect.objectContaining({ kind: 'failure', type: 'agent_error' })]) }],
  });
  const dir = join(place.home, 'given away');
  expect((await place.tac8('export', '1', '--dir', dir)).out).toBe(`${dir}/gh-1.json\n${dir}/gh-1.md\n`);
  expect(readdirSync(dir).sort()).toEqual(['gh-1.json', 'gh-1.md']);
  const [json, markdown] = ['json', 'md'].map((ending) => readFileSync(join(dir, `gh-1.${ending}`), 'utf8'));
  expect(JSON.parse(json ?? '')).toMatchObject({
    task: { id: 'gh-1' },
    changes: { files: [{ path: 'hello.txt', status: 'added', added: 1 }] },
  });
  expect(markdown).toMatch(
    /# gh-1: Say hello\n[\s\S]*## Issue #1\n[\s\S]*> In a file\.\n[\s\S]*added\t\+1 -0\thello\.txt\n[\s\S]*My key is \[redacted\]/,
  );
  // The log has them, what is given away has them not.
  expect(place.read('logs/gh-1.jsonl')).toMatch(/very-secret-key-of-mara and ghp_abc/);
  for (const given of [json, markdown, JSON.stringify(all)]) {
    expect(given).toContain('My key is [redacted] and [redacted] <script>.');
    expect(given).not.toMatch(/very-secret|ghp_/);
  }
  expect(await place.tac8('export', '77')).toMatchObject({ code: 5, err: expect.stringContaining('there is no task gh-77') });
});
