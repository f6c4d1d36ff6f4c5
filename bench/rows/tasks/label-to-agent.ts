import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { inMs, inTurns, sampleOf, untilQuiet } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { manyFiles } from '../../world/source.ts';
import { createWorld, type Daemon, type World } from '../../world/world.ts';

const FILES = 5_000;
const SHORT_MS = 150;
/** The agent says when it was exec'd, in nanoseconds since 1970, and asks a question, so that it ends without commits. */
export const AGENT = ['/bin/sh', '-c', 'date +%s%N; echo why > BLOCKED.md'] as const;
const SETTINGS = `poll_interval: 1s\nmax_concurrent_workers: 1\nagent: { kind: command, command: ${JSON.stringify(AGENT)} }\n`;

/** From the forge's answer that shows the label to the agent's first act, against `git worktree add` and a spawn. */
export async function labelToAgent(bench: Bench): Promise<readonly Figure[]> {
  const large = await measure(bench, FILES);
  // As many files as this machine checks out in that time.
  const fewer = Math.max(100, Math.round((FILES * SHORT_MS) / large.add));
  const small = await measure(bench, fewer);
  return [
    figureOf(`label seen → agent exec’d, ${FILES.toLocaleString('en')} files`, large, 1.15),
    figureOf('label seen → agent exec’d, where `git worktree add` takes about 150 ms', small, 1.25),
  ];
}

type Measured = Awaited<ReturnType<typeof measure>>;

const figureOf = (name: string, { raw, ours, add, stages, files, rounds }: Measured, most: number): Figure => ({
  name,
  value: ours.median,
  unit: 'ms',
  shown: inMs(ours),
  yardstick: { what: '`git worktree add` + spawn', value: raw.median },
  bound: { kind: 'ratio', most },
  how: `from the moment the forge has sent the list with the issue, permission look-ups included, to the agent’s own clock; ${files.toLocaleString('en')} files (\`git worktree add\`: ${add.toFixed(0)} ms), ${rounds} in turns, median (min–max). Of the median: ${describe(stages)}`,
});

async function measure(bench: Bench, files: number) {
  const world = await createWorld(bench, { name: `label-${files}`, settings: SETTINGS, files: manyFiles(files), forge: true });
  try {
    const daemon = await world.start();
    let count = 0;
    const stages: Stages[] = [];
    const adds: number[] = [];
    const rounds = Math.min(10, bench.rounds);
    const { raw, ours } = await inTurns(rounds, {
      raw: () => {
        count += 1;
        return rawStart(bench, world.root, count, adds);
      },
      ours: () => labelledStart(world, daemon, stages),
    });
    return { raw, ours, stages, files, rounds, add: sampleOf(adds).median };
  } finally {
    await world.close();
  }
}

const nowNs = (): bigint => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
const msBetween = (from: bigint, to: bigint): number => Number(to - from) / 1e6;

async function rawStart(bench: Bench, root: string, n: number, adds: number[]): Promise<number> {
  // Beside tac8's, and kept like them: on a disk whose inodes were just set free the next checkout is several times faster.
  const tree = join(root, 'trees', `raw-${n}`);
  const out = openSync(join(bench.dir, `raw-${n}.out`), 'w');
  const started = nowNs();
  const add = spawn('git', ['-C', root, 'worktree', 'add', '--quiet', '-b', `raw/${n}`, tree, 'origin/main'], {
    env: bench.env,
    stdio: 'ignore',
  });
  const [code] = await once(add, 'exit');
  if (code !== 0) throw new Error(`git worktree add ended with ${code}`);
  adds.push(msBetween(started, nowNs()));
  const [program, ...args] = AGENT;
  const agent = spawn(program, args, { cwd: tree, env: bench.env, stdio: ['ignore', out, 'ignore'] });
  await once(agent, 'exit');
  closeSync(out);
  return msBetween(started, stampIn(join(bench.dir, `raw-${n}.out`)) ?? started);
}

export async function labelledStart({ github, root, history }: World, { pid }: Daemon, stages: Stages[]): Promise<number> {
  if (github === null) throw new Error('there is a forge');
  await untilQuiet(pid);
  const number = github.createIssue('mara', { title: 'Say why' });
  const since = github.journal.entries().length;
  github.label('mara', number, 'rpi-auto');
  // The journal's line is written right after the answer has gone out.
  await github.journal.waitFor((entry) => entry.seq > since && entry.path.includes('/issues?') && entry.status === 200, 30_000);
  const seen = nowNs();
  const log = join(root, 'logs', `gh-${number}.jsonl`);
  for (let stamp = stampIn(log); ; stamp = stampIn(log)) {
    if (stamp !== null) {
      const at = (event: string): number => Number(history(`gh-${number}`).find((entry) => entry.event === event)?.at ?? Number.NaN);
      const [from, to] = [Number(seen / 1_000_000n), Number(stamp / 1_000_000n)];
      stages.push({ decided: at('started') - from, worktree: at('prepared') - at('started'), launch: to - at('prepared') });
      return msBetween(seen, stamp);
    }
    if (msBetween(seen, nowNs()) > 60_000) throw new Error(`no agent for #${number} within a minute`);
    await sleep(20);
  }
}

/** Where the time goes, in ms: until the run is decided on, until its worktree is there, until the agent acts. */
interface Stages {
  readonly decided: number;
  readonly worktree: number;
  readonly launch: number;
}

function describe(stages: readonly Stages[]): string {
  const median = (part: keyof Stages): string => `${sampleOf(stages.map((stage) => stage[part])).median.toFixed(0)} ms`;
  return `look-ups and decision ${median('decided')}, worktree ${median('worktree')}, launch ${median('launch')}`;
}

/** The first line that is nothing but a time in nanoseconds. */
function stampIn(file: string): bigint | null {
  try {
    const found = /^(\d{19})$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return found === undefined ? null : BigInt(found);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}
