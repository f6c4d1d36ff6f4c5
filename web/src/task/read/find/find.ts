import { signal } from '@preact/signals';
import { ask } from '../../../link/ask.ts';
import type { HitJson, TranscriptHits } from '../../../link/contract.ts';

/** What is looked for now, for every place that shows it; empty: nothing. */
export const marked = signal('');

export type Place = Pick<HitJson, 'offset' | 'part'>;

const isBefore = (one: Place, two: Place): boolean => one.offset < two.offset || (one.offset === two.offset && one.part < two.part);

/** The next hit from a place on, and which it is, from 1; past the last one it begins anew. Null: there is none. */
export function nextHit(
  hits: readonly Place[],
  from: Place | null,
  by: 1 | -1,
): { readonly hit: Place; readonly nth: number; readonly isAround: boolean } | null {
  const found =
    by === 1
      ? hits.findIndex((hit) => from === null || isBefore(from, hit))
      : hits.findLastIndex((hit) => from === null || isBefore(hit, from));
  const index = found === -1 ? (by === 1 ? 0 : hits.length - 1) : found;
  const hit = hits[index];
  return hit === undefined ? null : { hit, nth: index + 1, isAround: found === -1 };
}

/** Finds words in one run's log: the daemon looks, the page jumps. `runOf`: whose log is shown now; null: the newest. */
export function openFind(task: string, runOf: () => string | null) {
  let hits: readonly Place[] = [];
  let [text, after, size] = ['', 0, 0];
  let run = runOf();

  /** Looks through what was not looked through yet; answers what was in the way. */
  const more = async (): Promise<string | null> => {
    const query = new URLSearchParams({ text, after: String(after), limit: '1000', ...(run === null ? {} : { run }) });
    const answer = await ask<TranscriptHits>(`tasks/${encodeURIComponent(task)}/transcript/hits?${query}`);
    if (!answer.ok) return answer.why;
    hits = [...hits, ...answer.value.hits];
    ({ after, size } = answer.value);
    return null;
  };

  return {
    /** The next hit from a place on, and what to say of it. */
    async find(words: string, from: Place | null, by: 1 | -1): Promise<{ readonly hit: Place | null; readonly said: string }> {
      if (words !== text || runOf() !== run) [text, run, hits, after, size] = [words, runOf(), [], 0, 0];
      if (text === '') return { hit: null, said: '' };
      for (let known = -1; ; ) {
        const next = nextHit(hits, from, by);
        const isCovered = by === 1 || (from !== null && after > from.offset);
        // Before it begins anew at the other end: what a long log still holds, and what was written since.
        if ((next !== null && !next.isAround && isCovered) || after === known) {
          if (next === null) return { hit: null, said: 'in no step of this run' };
          const around = next.isAround ? (by === 1 ? ', from the top' : ', from the end') : '';
          return { hit: next.hit, said: `${next.nth} of ${hits.length}${after < size ? ' and more' : ''}${around}` };
        }
        known = after;
        const why = await more();
        if (why !== null) return { hit: null, said: why };
      }
    },
  };
}
