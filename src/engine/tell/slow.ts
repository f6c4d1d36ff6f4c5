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
/** A loop that is slow all the time, or that does not end its tick, is told of so often. */
const EVERY: Ms = 60_000;
/** A tick that has lasted so long is told of while it lasts: whatever it waits for, nothing else goes on. */
const STUCK: Ms = 10_000;

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

/** Tells of a tick that does not end. Called when one begins; answers what its end calls. */
export function tellStuck({ clock, log }: Pick<Ports, 'clock' | 'log'>, step: () => Step | null): () => () => void {
  return () => {
    const began = clock.steady();
    const tell = (): void => {
      const at = step();
      const seconds = Math.round((clock.steady() - began) / 1000);
      log.warn(
        `the loop has waited for ${seconds} s while ${at === null ? 'it began a tick' : DOES[at]}: nothing else goes on until that ends`,
      );
      cancel = clock.at(clock.now() + EVERY, tell);
    };
    let cancel = clock.at(clock.now() + STUCK, tell);
    return () => cancel();
  };
}
