import type { Ms } from '../../core/model/seen.ts';
import type { Ports } from '../ports/context.ts';
import type { SlowTick, Step } from './meter.ts';

/** What a step is, for a person. */
const DOES: Readonly<Record<Step, string>> = {
  look: 'looking at workers, board and machine',
  decide: 'deciding',
  record: 'writing into the database',
  publish: 'writing the board',
};
/** A loop that is slow all the time is told of so often. */
const EVERY: Ms = 60_000;

/** Tells of slow ticks: in the log, and in the store for `status`. */
export function tellSlow({ store, clock, log }: Pick<Ports, 'store' | 'clock' | 'log'>): (slow: SlowTick | null) => void {
  let toldAt: Ms | null = null;
  return (slow) => {
    if (slow === null || (toldAt !== null && clock.now() - toldAt < EVERY)) return;
    toldAt = clock.now();
    const seconds = (ms: Ms): string => (ms / 1000).toFixed(1);
    const message = `a tick of the loop took ${seconds(slow.took)} s, ${seconds(slow.of)} s of it ${DOES[slow.step]}`;
    log.warn(message, { step: slow.step });
    store.commit({ facts: { slow: { at: slow.at, step: slow.step, message } } });
  };
}
