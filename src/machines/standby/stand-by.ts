import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../adapters/machines/database.ts';
import {
  type Holder,
  type HolderSeen,
  holderOf,
  LEAD_FREE_AFTER_MS,
  type Lead,
  takeLead,
  tellStandby,
} from '../../adapters/machines/lead.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../../engine/ports/error.ts';

/** What a standby says while it waits, and what ends its waiting. */
export interface Waiting {
  readonly say: (words: string) => void;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 1_000;
/** A look that comes so late was not the next one: this process stood still, or Postgres did. */
const LATE_MS = 10_000;

/**
 * Waits until the lead is free, and takes it. The coordinator's silence is counted here, while Postgres answers: when Postgres was away for all, the
 * coordinator has as much time to be heard again as it had before.
 */
export async function standBy(database: Database, holder: Holder, onLost: (why: string) => void, { say, signal }: Waiting): Promise<Lead> {
  const silence = countSilence();
  let said = '';
  const sayOnce = (words: string): void => {
    if (words !== said) say(words);
    said = words;
  };
  for (;;) {
    signal.throwIfAborted();
    const seen = await holderOf(database).catch((error: unknown) => {
      sayOnce(`standing by: ${messageOf(error)}`);
      return 'away' as const;
    });
    if (seen !== 'away') await tellStandby(database, holder).catch(() => undefined);
    if (seen === null || (seen !== 'away' && seen.holder === holder.id)) return takeLead(database, holder, onLost);
    const silentMs = silence(seen === 'away' ? null : seen, performance.now());
    if (seen !== 'away') {
      sayOnce(
        `standing by: the coordinator ${seen.words} has the lead; this one goes on with its work when it is silent for ${LEAD_FREE_AFTER_MS / 1_000} s`,
      );
      if (silentMs >= LEAD_FREE_AFTER_MS) {
        const lead = await takeLead(database, holder, onLost).catch((error: unknown) => {
          // It was heard in this very moment, or another standby was faster, or Postgres went away.
          if (error instanceof PortError) return null;
          throw error;
        });
        if (lead !== null) return lead;
      }
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** How long the same word of a coordinator has been its last, as far as looks without a gap tell. */
export function countSilence(): (seen: Pick<HolderSeen, 'generation' | 'seen'> | null, now: number) => number {
  let same: { readonly mark: string; readonly since: number } | null = null;
  let lookedAt = Number.NEGATIVE_INFINITY;
  return (seen, now) => {
    if (seen === null || now - lookedAt > LATE_MS) same = null;
    lookedAt = now;
    if (seen === null) return 0;
    const mark = `${seen.generation} ${seen.seen}`;
    if (same?.mark !== mark) same = { mark, since: now };
    return now - same.since;
  };
}
