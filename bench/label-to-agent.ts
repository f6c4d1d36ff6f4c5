import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BenchDaemon, startBenchDaemon } from './daemon.ts';
import { inTurns, sampleOf, untilQuiet } from './measure.ts';
import { type Bench, inMs, quotient, type Row } from './row.ts';

const BOUND = 1.15;
const FILES = 5_000;
/** The agent says when it was exec'd, in nanoseconds since 1970, and asks a question, so that it ends without commits. */
const AGENT = ['/bin/sh', '-c', 'date +%s%N; echo why > BLOCKED.md'] as const;

/** From the forge's answer that shows the label to the agent's first act, against `git worktree add` and a spawn. */
export async function labelToAgent(bench: Bench): Promise<readonly Row[]> {
  const settings = `poll_interval: 1s\nmax_concurrent_workers: 1\nagent: { kind: command, command: ${JSON.stringify(AGENT)} }\n`;
  const daemon = await startBenchDaemon(bench, { name: 'label', settings, files: manyFiles() });
  try {
    let count = 0;
    const stages: Stages[] = [];
    const [raw, ours] = await inTurns(
      bench.rounds,
      () => {
        count += 1;
        return rawStart(bench, daemon.root, count);
      },
      () => labelledStart(daemon, stages),
    );
    if (!raw || !ours) throw new Error('two things were measured');
    return [
      {
        what: 'label seen → agent exec’d',
        tac8: inMs(ours),
        rival: `\`git worktree add\` + spawn: ${inMs(raw)}`,
        ratio: quotient(ours.median, raw.median),
        bound: `≤ ${BOUND} ×`,
        holds: ours.median <= BOUND * raw.median,
        how: `from the moment the forge has sent the list with the issue, permission look-ups included, to the agent’s own clock; repository of ${FILES.toLocaleString('en')} files, ${bench.rounds} in turns, median (min–max). Of the median: ${describe(stages)}`,
      },
    ];
  } finally {
    await daemon.close();
  }
}

/** A thousand folders of five small files each. */
function manyFiles(): Record<string, string> {
  const text = 'A line of text, as files have them.\n'.repeat(60);
  return Object.fromEntries(Array.from({ length: FILES }, (_, n) => [`src/part-${n % 1000}/file-${n}.txt`, `${n}\n${text}`]));
}

const nowNs = (): bigint => BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6));
const msBetween = (from: bigint, to: bigint): number => Number(to - from) / 1e6;

async function rawStart(bench: Bench, root: string, n: number): Promise<number> {
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
  const [program, ...args] = AGENT;
  const agent = spawn(program, args, { cwd: tree, env: bench.env, stdio: ['ignore', out, 'ignore'] });
  await once(agent, 'exit');
  closeSync(out);
  return msBetween(started, stampIn(join(bench.dir, `raw-${n}.out`)) ?? started);
}

async function labelledStart({ github, root, pid, history }: BenchDaemon, stages: Stages[]): Promise<number> {
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
