import { painter } from '../demo/show/screen.ts';
import type { Count } from './judge/count.ts';
import { readLedger } from './world/ledger.ts';
import { POINT_NAMES } from './world/points.ts';

export interface ChaosResult {
  readonly ok: boolean;
  readonly rounds: number;
  readonly seed: number;
  readonly seconds: number;
  readonly dir: string;
  /** How often the daemon was killed at each point; 0 for one that never came. */
  readonly kills: Readonly<Record<string, number>>;
  readonly daemonKills: number;
  /** Agents alive at those instants, all together. */
  readonly liveAtKills: number;
  /** What else was done, by kind. */
  readonly deeds: Readonly<Record<string, number>>;
  /** What was left out, and why. */
  readonly skipped: readonly string[];
  readonly counts: readonly Count[];
}

type Told = Pick<ChaosResult, 'rounds' | 'seed' | 'skipped' | 'seconds'>;

export function summarise(root: string, { rounds, seed, skipped, seconds }: Told, counts: readonly Count[]): ChaosResult {
  const all = readLedger(root);
  const killed = all.filter((deed) => deed.kind === 'daemon-killed');
  return {
    ok: counts.every((count) => count.broken === 0),
    rounds,
    seed,
    seconds,
    dir: root,
    kills: tally(
      killed.map((deed) => deed.point),
      POINT_NAMES,
    ),
    liveAtKills: killed.reduce((sum, deed) => sum + deed.live, 0),
    deeds: tally(
      all.flatMap((deed) => {
        if (deed.kind === 'fleet-fault') return [deed.fault];
        return deed.kind.startsWith('daemon-') || deed.kind === 'drained' ? [] : [deed.kind];
      }),
    ),
    daemonKills: killed.length,
    skipped,
    counts,
  };
}

/** `all`: named also where they never came, so that what was not tried is seen. */
function tally(names: readonly string[], all: readonly string[] = []): Readonly<Record<string, number>> {
  const counts: Record<string, number> = Object.fromEntries(all.map((name) => [name, 0]));
  for (const name of names.toSorted()) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** The promises, each with how often it was kept and broken. */
export function resultText(result: ChaosResult): string {
  const paint = painter(process.stdout);
  const lines = [''];
  for (const { promise, what, kept, broken, examples } of result.counts) {
    const sign = broken === 0 ? paint('green', '✓') : paint('red', '✗');
    lines.push(
      `${sign} ${String(promise).padStart(2)}  ${what.padEnd(54)} ${String(kept).padStart(6)} kept ${String(broken).padStart(4)} broken`,
    );
    for (const example of examples) lines.push(`        ${paint('red', example)}`);
  }
  const other = Object.entries(result.deeds).map(([name, times]) => `${name} ${times}×`);
  lines.push(
    '',
    `The daemon was killed ${result.daemonKills} times, with ${result.liveAtKills} agents alive at those instants; ${other.join(', ')}.`,
  );
  const isAimed = POINT_NAMES.some((point) => (result.kills[point] ?? 0) > 0);
  for (const [point, times] of Object.entries(result.kills))
    if (times > 0 || isAimed) lines.push(paint('dim', `  ${String(times).padStart(4)}  ${point}`));
  for (const why of result.skipped) lines.push(`Left out: ${why}.`);
  const seconds = `${result.seconds.toFixed(1)} s, seed ${result.seed}`;
  lines.push('', result.ok ? paint('green', `every promise was kept (${seconds})`) : paint('red', `promises were broken (${seconds})`));
  return `${lines.join('\n')}\nEverything is in ${result.dir}\n`;
}
