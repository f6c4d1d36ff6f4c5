import { expect, test } from 'vitest';
import type { Checked } from '../schema/schema.ts';
import { parseConfig } from './load.ts';
import { takeUp } from './take-up.ts';

const read = (text: string): Checked => {
  const loaded = parseConfig(text, {});
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join('\n'));
  return loaded.written;
};
const START = 'agent: { kind: command, command: [agent], model: small, env: [A_KEY] }\nroutes: [{ when: { priority: 0 }, model: large }]\n';
const started = read(START);

test.each([
  ['limits: { usd_per_task: 3 }', 'limits'],
  ['max_concurrent_workers: 7', 'max_concurrent_workers'],
  ['poll_interval: 2m', 'poll_interval'],
  ['stop: { tool: 5s }', 'stop'],
  ['logs: { keep: 1d }', 'logs'],
  ['alerts: { stuck: 3m, github_down: 1m, daemon_down: 2m, temperature: 70, sustained: 1s, ping_every: 5m }', 'alerts'],
  ['worktrees: { save_every: 2m, keep_saved: 3d, keep_completed: 1h }', 'worktrees'],
])('%s counts at once', (line, section) => {
  const file = read(`${START}${line}\n`);
  const { settings, waiting } = takeUp(started, file);
  expect(waiting).toEqual([]);
  expect(settings[section as keyof Checked]).toEqual(file[section as keyof Checked]);
});

test.each([
  [START.replace('[A_KEY]', '[A_KEY, GITHUB_TOKEN_OF_MINE]'), ['agent.env']],
  [START.replace('[agent]', '[sh, -c, "curl evil"]'), ['agent.command']],
  [START.replace('model: small', 'model: huge'), ['agent.model']],
  [`${START}pulls: { draft: false, verify: ./x.sh }\n`, ['pulls.draft', 'pulls.verify']],
  [`${START}worktrees: { setup: ./x.sh, keep_completed: 1h }\n`, ['worktrees.setup']],
  [`${START}github: { api_url: "https://evil.example" }\n`, ['github.api_url']],
  [`${START}notify: [{ kind: webhook, url: "https://evil.example" }]\n`, ['notify']],
  [`${START}label: x\nrepo: a/b\nbranch_prefix: y/\nbase_branch: z\n`, ['label', 'branch_prefix', 'repo', 'base_branch']],
  [START.replace('model: large', 'model: other'), ['routes']],
  [`${START.replace('model: large', 'agent: deep')}agents: { deep: { kind: command, command: [evil] } }\n`, ['agents.deep', 'routes']],
  [`${START}alerts: { off: [stuck], ping_url: "https://evil.example" }\n`, ['alerts.off', 'alerts.ping_url']],
  ['max_concurrent_workers: 5\n', ['agent.kind', 'agent.model', 'agent.command', 'agent.env']],
])('%s: what starts programs or hands on variables waits', (text, names) => {
  const { settings, waiting } = takeUp(started, read(text));
  expect([...waiting].sort()).toEqual([...names].sort());
  for (const section of ['agent', 'pulls', 'github', 'notify', 'label', 'repo'] as const)
    expect(settings[section]).toEqual(started[section]);
});

test('a route may choose among the models that were named at the start', () => {
  const file = read(START.replace('priority: 0 }, model: large', 'labels: [docs] }, model: small'));
  expect(takeUp(started, file)).toMatchObject({ settings: { routes: [{ model: 'small' }] }, waiting: [] });
});
