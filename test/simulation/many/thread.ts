import { parentPort, workerData } from 'node:worker_threads';
import type { Share, Told } from './many.ts';
import { storyOf } from './story.ts';

/* One thread of many: plays its seeds, and tells of each. */
const { seeds, ...common } = workerData as Share;
const { play } = storyOf(common);
for (const seed of seeds) {
  const { incidents, violation, runs, ticks, statements } = await play(seed);
  parentPort?.postMessage({ seed, violation, runs, ticks, statements, incidents: incidents.length } satisfies Told);
}
