import { parentPort, workerData } from 'node:worker_threads';
import { simulate } from '../simulate.ts';
import type { Share, Told } from './many.ts';

/* One thread of many: plays its seeds, and tells of each. */
const { seeds, ...options } = workerData as Share;
for (const seed of seeds) {
  const { trace: _, incidents, ...rest } = await simulate({ seed, ...options });
  parentPort?.postMessage({ ...rest, incidents: incidents.length } satisfies Told);
}
