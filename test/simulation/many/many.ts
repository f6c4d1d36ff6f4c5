import { Worker } from 'node:worker_threads';
import type { Violation } from '../judge/judge.ts';
import type { Without } from '../machines/safeguards.ts';
import type { Safeguard } from '../safeguards.ts';

/** What the stories of several seeds have in common. */
export interface Common {
  readonly days: number;
  readonly density: number;
  readonly without: Safeguard | Without | null;
  readonly races: boolean;
  readonly logins: boolean;
  /** That work for a coordinator; 0: one machine does everything. */
  readonly machines: number;
}
export type Share = Common & { readonly seeds: readonly number[] };
/** A report as a thread gives it on. */
export interface Told {
  readonly seed: number;
  readonly violation: Violation | null;
  readonly incidents: number;
  readonly runs: number;
  readonly ticks: number;
  readonly statements: number;
}

/** Plays the seeds in so many threads; `each` hears of every story once it is over, in no order. Rejects where a thread breaks down. */
export async function playMany(seeds: readonly number[], common: Common, threads: number, each: (told: Told) => void): Promise<void> {
  const shares = Array.from({ length: Math.min(threads, seeds.length) }, (_, thread) =>
    seeds.filter((_seed, at) => at % threads === thread),
  );
  await Promise.all(shares.map((share) => inThread({ ...common, seeds: share }, each)));
}

function inThread(share: Share, each: (told: Told) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.ts', import.meta.url), { workerData: share });
    worker.on('message', each);
    worker.once('error', reject);
    worker.once('exit', () => resolve());
  });
}
