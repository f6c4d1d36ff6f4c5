import { setTimeout as sleep } from 'node:timers/promises';
import { sampleOf } from '../../measure.ts';
import type { Bench, Figure } from '../../row.ts';
import { gather } from '../../world/crowd.ts';
import { watchDaemon } from '../../world/watched.ts';

const [FEW, MANY] = [100, 500];
const RATE = 2;
const WATCHED_SECONDS = 15;

/** Five times as many workers: what a tick costs grows in proportion at most, and the daemon answers. */
export async function fiveHundred(bench: Bench): Promise<readonly Figure[]> {
  const crowd = await gather(bench, { name: 'many', ownEnd: 0 });
  try {
    crowd.setRate(RATE);
    const daemon = await crowd.world.start();
    await crowd.add(daemon, FEW);
    await sleep(3_000);
    const few = await watchDaemon(daemon, WATCHED_SECONDS);
    await crowd.add(daemon, MANY - FEW);
    await sleep(5_000);
    const many = await watchDaemon(daemon, WATCHED_SECONDS);
    const answers: number[] = [];
    for (let n = 0; n < 5; n += 1) {
      const began = performance.now();
      await daemon.metrics();
      answers.push(performance.now() - began);
      await sleep(200);
    }
    const per = ({ cpu, ticks }: typeof few): number => cpu / ticks;
    return [
      {
        name: `${MANY} workers: CPU per tick`,
        value: per(many),
        unit: 'ms',
        yardstick: { what: `with ${FEW}`, value: per(few) },
        bound: { kind: 'ratio', most: MANY / FEW },
        how: `agents that say ${RATE} events/s each, ${WATCHED_SECONDS} s; ${many.ticks} ticks with ${MANY}, ${few.ticks} with ${FEW}`,
      },
      {
        name: `${MANY} workers: the daemon answers`,
        value: Math.max(...answers),
        unit: 'ms',
        yardstick: { what: 'CPU per tick', value: per(many) },
        bound: { kind: 'met', text: 'ticks go on, /metrics answers', holds: many.ticks >= 3 },
        how: `the slowest of 5 answers of /metrics (median ${sampleOf(answers).median.toFixed(0)} ms)`,
      },
    ];
  } finally {
    await crowd.world.close();
  }
}
