import { known, type Seen, unknown } from '../../core/model/seen.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Clock } from '../ports/machine/clock.ts';

/** A probe that fails is unknown, with its own words; it never fails the tick. */
export async function see<T>(clock: Clock, probe: () => Promise<T>): Promise<Seen<T>> {
  try {
    return known(await probe(), clock.now());
  } catch (error) {
    return unknown(messageOf(error), clock.now());
  }
}
