import type { Ms } from '../../core/model/seen.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Log } from '../ports/records/log.ts';

const AGAIN: Ms = 60_000;

/** A tick that throws is told with all that is known of it; the same again and again, as with a full disk, once a minute. */
export function createComplaints({ clock, log }: { readonly clock: Clock; readonly log: Log }): (error: unknown) => void {
  let said = { text: '', at: Number.NEGATIVE_INFINITY };
  return (error) => {
    const text = messageOf(error);
    if (text === said.text && clock.steady() - said.at < AGAIN) return;
    said = { text, at: clock.steady() };
    log.error(`tick: ${error instanceof Error ? (error.stack ?? error.message) : text}`);
  };
}
