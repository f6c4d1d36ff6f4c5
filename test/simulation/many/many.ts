import { Worker } from 'node:worker_threads';
import type { Report, SimulationOptions } from '../simulate.ts';

/** What the stories of several seeds have in common. */
export type Common = Required<Pick<SimulationOptions, 'days' | 'density' | 'without' | 'races' | 'logins'>>;
export type Share = Common & { readonly seeds: readonly number[] };
/** A report as a thread gives it on. */
export type Told = Omit<Report, 'trace' | 'incidents'> & { readonly incidents: number };

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
