import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inMs, quantile, sampleOf, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { createWorld, type Daemon, type World } from '../../world/world.ts';

const [RUNNING, PULLS, POLLS] = [50, 50, 120];
const SECRET = 'a secret of the bench';
/** Tasks of the first issues make a commit and end, and wait in review for their pull; the others work on and on. */
const AGENT = `echo '{"type":"system","subtype":"init","session_id":"b","model":"bench","tools":[]}'
if [ "\${TAC8_TASK#gh-}" -gt ${PULLS} ]; then exec sleep 86400; fi
echo "$TAC8_TASK" > "$TAC8_TASK.txt"; git add -A; git commit --quiet -m "$TAC8_TASK"
echo '{"type":"result","subtype":"success","is_error":false,"result":"Done.","session_id":"b","num_turns":1,"duration_ms":1,"usage":{"input_tokens":1,"output_tokens":1},"total_cost_usd":0}'
`;

/** What GitHub is asked in as many polls as a quiet hour has, and how soon a webhook ends a worker. */
export async function github(bench: Bench): Promise<readonly Figure[]> {
  const agent = join(bench.dir, 'agent.sh');
  writeFileSync(agent, AGENT);
  const settings = [
    'poll_interval: 1s',
    `max_concurrent_workers: ${RUNNING}`,
    'limits: { start_gap: 0s, load_per_core: 10000, silence: 10h, first_event: 10m, min_free_memory: 100MiB }',
    'pulls: { follow: true }',
    `agent: { kind: claude, command: [/bin/sh, ${agent}] }\n`,
  ].join('\n');
  const world = await createWorld(bench, {
    name: 'github',
    settings,
    forge: true,
    forgeSettings: 'orders: true, webhook_secret_env: BENCH_SECRET',
  });
  try {
    const daemon = await world.start({ BENCH_SECRET: SECRET });
    await fill(bench, world, daemon);
    const asked = await quietHour(bench, world);
    const stops = await stopsByWebhook(bench, world);
    return [...asked, stops];
  } finally {
    await world.close();
  }
}

const forgeOf = ({ github: forge }: World) => {
  if (forge === null) throw new Error('there is a forge');
  return forge;
};

async function fill(bench: Bench, world: World, daemon: Daemon): Promise<void> {
  const forge = forgeOf(world);
  const states = async (state: string): Promise<number> => (await daemon.metrics()).get(`tac8_tasks{state="${state}"}`) ?? 0;
  for (let n = 1; n <= PULLS; n += 1) forge.createIssue('mara', { title: `Pull ${n}`, labels: ['rpi-auto'] });
  await until(`${PULLS} pulls`, async () => (await states('review')) === PULLS, { limitMs: 900_000, every: 1000 });
  bench.say(`${PULLS} pulls are open`);
  // Pulls took the numbers in between.
  for (let n = 0; n < RUNNING; n += 1) forge.createIssue('mara', { title: `Run ${n}`, labels: ['rpi-auto'] });
  const running = (): number => Number(world.rows("SELECT count(*) AS n FROM runs WHERE state = 'running'")[0]?.n);
  await until(`${RUNNING} workers`, () => running() === RUNNING, { limitMs: 900_000, every: 1000 });
  bench.say(`${RUNNING} workers run`);
}

/** So many polls after all has come to rest; each begins with the list of issues. */
async function quietHour(bench: Bench, world: World): Promise<readonly Figure[]> {
  const { journal } = forgeOf(world);
  const isPoll = (path: string): boolean => path.includes('/issues?');
  await sleep(20_000);
  const before = journal.entries().length;
  const polls = (): number =>
    journal
      .entries()
      .slice(before)
      .filter(({ path }) => isPoll(path)).length;
  await until(`${POLLS} polls`, () => polls() >= POLLS, { limitMs: 1_200_000, every: 1000 });
  const entries = journal
    .entries()
    .slice(before)
    .filter(({ kind }) => kind === 'api' || kind === 'git');
  const rest = entries.filter(({ path }) => !path.startsWith('/graphql'));
  const paid = rest.filter(({ status }) => status !== 304);
  const points = entries.reduce((sum, { summary = '' }) => sum + Number(/^(\d+) points$/.exec(summary)?.[1] ?? 0), 0);
  const count = polls();
  const extra = rest.filter(({ path, status }) => status !== 304 || !isPoll(path));
  for (const { method, path, status } of extra.slice(0, 8)) bench.say(`besides: ${method} ${path} ${status}`);
  const how = `${RUNNING} workers and ${PULLS} open pulls at rest, ${count} polls counted at the forge: as many as an hour has at 30 s`;
  return [
    {
      name: 'a quiet hour at GitHub: REST',
      value: rest.length / count,
      unit: '×',
      shown: `${rest.length} requests in ${count} polls, ${paid.length} of them not answered by 304`,
      bound: { kind: 'met', text: 'all 304, at most 1 a poll', holds: paid.length === 0 && rest.length <= count + 1 },
      how,
    },
    {
      name: 'a quiet hour at GitHub: GraphQL',
      value: points,
      unit: 'calls',
      shown: `${points} points`,
      bound: { kind: 'met', text: '≤ 500 points', holds: (points / count) * 120 <= 500 },
      how: `${how}; at the price that GitHub documents`,
    },
  ];
}

async function stopsByWebhook(bench: Bench, world: World): Promise<Figure> {
  const forge = forgeOf(world);
  const { url } = JSON.parse(readFileSync(join(world.root, '.tac8/http.json'), 'utf8')) as { url: string };
  forge.hooks.aim({ url: `${url}/webhooks/github`, secret: SECRET });
  // Nothing is seen by a poll that was due anyway: each label is taken off right after one.
  const took: number[] = [];
  const runs = world.rows("SELECT id, json_extract(doc, '$.task') AS task FROM runs WHERE state = 'running'");
  for (const { id, task } of runs.slice(0, Math.min(runs.length, bench.rounds * 2))) {
    const seen = forge.journal.entries().length;
    await forge.journal.waitFor((entry) => entry.seq > seen && entry.path.includes('/issues?'), 30_000);
    await sleep(150);
    const flag = join(world.root, '.tac8/runs', String(id), 'stop-flag');
    const sent = performance.now();
    forge.unlabel('mara', Number(String(task).replace('gh-', '')), 'rpi-auto');
    await until('the stop flag', () => existsSync(flag), { limitMs: 30_000, every: 1 });
    took.push(performance.now() - sent);
    await sleep(2_000);
  }
  const sample = sampleOf(took);
  return {
    name: 'webhook sent → worker told to stop, p95',
    value: quantile(sample, 0.95),
    unit: 'ms',
    shown: `${quantile(sample, 0.95).toFixed(0)} ms (median ${inMs(sample)})`,
    bound: { kind: 'value', most: 250 },
    how: `a label is taken off, GitHub sends the webhook and is asked; until the stop flag that the agent’s hook reads is there; ${took.length} in turn beside ${RUNNING} workers and ${PULLS} open pulls`,
  };
}
