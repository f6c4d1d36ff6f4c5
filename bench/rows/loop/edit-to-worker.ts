import { existsSync, readdirSync, readFileSync, renameSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inMs, quantile, sampleOf, until } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { addTasks, createWorld } from '../../world/world.ts';

const SOON = { limitMs: 30_000, every: 5 };
/** Speaks as Claude does, works until it is told to stop, looks for that as often as a shell can. */
const AGENT = `echo '{"type":"system","subtype":"init","session_id":"b","model":"bench","tools":[]}'
until [ -e "$TAC8_RUN_DIR/stop-flag" ]; do sleep 0.01; done
`;

/** A person marks a running task as failed in `tasks.md`: until the worker is told, against a bare file event. */
export async function editToWorker(bench: Bench): Promise<readonly Figure[]> {
  const agent = join(bench.dir, 'agent.sh');
  writeFileSync(agent, AGENT);
  const settings = `agent: { kind: claude, command: [/bin/sh, ${agent}] }\nlimits: { start_gap: 0s }\nmax_concurrent_workers: 1\n`;
  const world = await createWorld(bench, { name: 'edit', settings });
  try {
    await world.start();
    const ours: number[] = [];
    for (let round = 1; round <= bench.rounds * 2; round += 1) ours.push(await cancelOne(world.root, round));
    const theirs: number[] = [];
    for (let round = 0; round < bench.rounds; round += 1) theirs.push(await fileEvent(bench.dir));
    const sample = sampleOf(ours);
    return [
      {
        name: 'edit of `tasks.md` → worker told to stop, p95',
        value: quantile(sample, 0.95),
        unit: 'ms',
        shown: `${quantile(sample, 0.95).toFixed(1)} ms (median ${inMs(sample)})`,
        yardstick: { what: 'a bare file event', value: sampleOf(theirs).median },
        bound: { kind: 'ratio', most: 250 },
        how: `a running task’s line is marked [❌] and saved by rename, until the stop flag that the agent’s hook reads is there; ${ours.length} in turn`,
      },
    ];
  } finally {
    await world.close();
  }
}

async function cancelOne(root: string, round: number): Promise<number> {
  const board = join(root, 'tasks.md');
  await until('a board', () => existsSync(board), SOON);
  save(board, (text) => addTasks(text, [`Round ${round}`]));
  const line = new RegExp(`\\[🟡 (w-[0-9a-f]{6}), [^\\]]*\\] (local-\\d+: Round ${round})\\n(?:- [^\\n]*\\n)*- PID:[^\\n]*\\n`, 'u');
  const shown = await until(`round ${round} to run`, () => line.exec(readFileSync(board, 'utf8')), SOON);
  const [block = '', run = '', task = ''] = shown;
  await until('its first word', () => readdirSync(join(root, 'logs')).some((name) => name.includes(`${run}.jsonl`)), SOON);
  await sleep(100);
  save(board, (text) => text.replace(block, `[❌ ${run}] ${task}\n`));
  const saved = performance.now();
  await until('the stop flag', () => existsSync(join(root, '.tac8/runs', run, 'stop-flag')), { ...SOON, every: 1 });
  const took = performance.now() - saved;
  const ended = new RegExp(`\\[❌ ${run}\\]`, 'u');
  await until(
    'its end',
    () => {
      const text = readFileSync(board, 'utf8');
      return ended.test(text) && !line.test(text);
    },
    SOON,
  );
  return took;
}

/** As an editor saves: a new file over the old one. */
function save(path: string, change: (text: string) => string): void {
  writeFileSync(`${path}~`, change(readFileSync(path, 'utf8')));
  renameSync(`${path}~`, path);
}

/** How long it takes until a bare watcher hears of a saved file. */
async function fileEvent(dir: string): Promise<number> {
  const path = join(dir, 'bare.md');
  writeFileSync(path, 'before');
  const { promise, resolve } = Promise.withResolvers<number>();
  let saved = 0;
  const watcher = watch(dir, (_event, name) => {
    // What comes before is the file's making.
    if (name === 'bare.md' && saved > 0) resolve(performance.now());
  });
  await sleep(50);
  saved = performance.now();
  save(path, (text) => `${text}!`);
  const heard = await promise;
  watcher.close();
  return heard - saved;
}
