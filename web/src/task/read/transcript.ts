import { batch, computed, signal } from '@preact/signals';
import { ask } from '../../link/ask.ts';
import type { Step, TranscriptPage } from '../../link/contract.ts';
import { rowsOf } from './rows.ts';

const PAGE = 300;
/** On each side of a place that the reader jumps to: more than is seen at once. */
const AROUND = 100;
/** More steps than these are not held: what the reader has left behind goes, and is asked for again when he comes back. */
const MOST_HELD = 3000;

/** The stretch of a run's log that the page holds. */
export interface Stretch {
  readonly run: string | null;
  readonly runs: TranscriptPage['runs'];
  readonly steps: readonly Step[];
  /** Null: it begins with the log. */
  readonly before: number | null;
  readonly after: number;
  readonly size: number;
}

const near = (side: 'before' | 'after', offset: number) => ({ [side]: String(offset), limit: String(AROUND) });

/** One task's transcript, loaded around where the reader is. */
export function openTranscript(task: string, run: string | null) {
  const stretch = signal<Stretch | null>(null);
  const trouble = signal<string | null>(null);
  const rows = computed(() => rowsOf(stretch.value?.steps ?? []));
  /** The last of the log is held. */
  const atEnd = computed(() => stretch.value !== null && stretch.value.after >= stretch.value.size);
  let busy: Promise<boolean> | null = null;
  /** What is written next is asked for as soon as nothing else is. */
  let isNext = false;
  /** Whose log is read: a place in it is none in the log of a later run. Null: the newest. */
  let of = run;

  const page = (query: Readonly<Record<string, string>>) => {
    const given = new URLSearchParams({ limit: String(PAGE), ...query });
    if (of !== null) given.set('run', of);
    return ask<TranscriptPage>(`tasks/${encodeURIComponent(task)}/transcript?${given}`);
  };
  /** One question at a time: two answers to the same would be put together twice. */
  const load = async (
    query: Readonly<Record<string, string>>,
    take: (page: TranscriptPage) => Stretch | Promise<Stretch>,
    taking?: () => void,
  ): Promise<boolean> => {
    if (busy !== null) return false;
    const asking = (async () => {
      const answer = await page(query);
      if (!answer.ok) {
        trouble.value = answer.why;
        return false;
      }
      const taken = await take(answer.value);
      batch(() => {
        trouble.value = null;
        stretch.value = taken;
        taking?.();
      });
      return true;
    })();
    busy = asking;
    try {
      return await asking;
    } finally {
      busy = null;
    }
  };
  /** The reader wants to be elsewhere: what is asked for already is waited for, not what else would be asked. */
  const anew = async (
    query: Readonly<Record<string, string>>,
    taking?: () => void,
    above?: () => ReturnType<typeof page>,
  ): Promise<boolean> => {
    while (busy !== null) await busy.catch(() => false);
    const asked = above?.();
    return load(query, asked === undefined ? fresh : async (below) => withAbove(below, await asked), taking);
  };
  const fresh = ({ run: whose, runs, steps, before, after, size }: TranscriptPage): Stretch => {
    of = whose;
    return { run: whose, runs, steps, before, after, size };
  };
  const newest = (): Promise<boolean> => {
    of = run;
    return anew({});
  };

  /** With what stands above it, so that the place is in the middle from the first. */
  const withAbove = (below: TranscriptPage, above: Awaited<ReturnType<typeof page>>): Stretch => {
    const held = fresh(below);
    if (held.before === null || held.before === 0 || !above.ok || above.value.run !== held.run) return held;
    return { ...held, steps: [...above.value.steps, ...held.steps], before: above.value.before };
  };

  return {
    task,
    stretch,
    rows,
    trouble,
    atEnd,
    fromEnd: newest,
    /** `taking`: what else changes with it, at once. */
    fromPlace: (offset: number, taking?: () => void) =>
      anew(near('after', offset), taking, offset > 0 ? () => page(near('before', offset)) : undefined),
    async above(): Promise<boolean> {
      const held = stretch.peek();
      if (held === null || held.before === null) return false;
      return load({ before: String(held.before) }, (got) => {
        const steps = [...got.steps, ...held.steps];
        const cut = steps.length > MOST_HELD ? steps[MOST_HELD] : undefined;
        // Whole lines only: a line's parts stay together.
        const kept = cut === undefined ? steps : steps.slice(0, MOST_HELD).filter(({ offset }) => offset !== cut.offset);
        return { ...held, steps: kept, before: got.before, after: cut?.offset ?? held.after, size: got.size };
      });
    },
    async below(): Promise<boolean> {
      // Somebody may be asked already, who knows nothing of the newest.
      if (isNext) return false;
      isNext = true;
      while (busy !== null) await busy.catch(() => false);
      isNext = false;
      const held = stretch.peek();
      if (held === null) return false;
      return load({ after: String(held.after) }, (got) => {
        if (got.steps.length === 0 && got.after === held.after && got.size === held.size) return held;
        const steps = [...held.steps, ...got.steps];
        const cut = steps.length > MOST_HELD ? steps[steps.length - MOST_HELD] : undefined;
        const kept = cut === undefined ? steps : steps.filter(({ offset }) => offset >= cut.offset);
        return { ...held, runs: got.runs, steps: kept, before: cut?.offset ?? held.before, after: got.after, size: got.size };
      });
    },
    /** The next page with trouble in it, from a place on; null: there is none. */
    async nextError(from: number): Promise<Step | null> {
      let after = from;
      for (;;) {
        const answer = await page({ errors: '1', after: String(after), limit: '5' });
        if (!answer.ok) return null;
        const { steps, after: next, size } = answer.value;
        const found = steps.find((step) => step.offset > from && step.kind !== 'tool_start');
        if (found !== undefined)
          return steps.find((step) => step.kind === 'tool_start' && step.id !== null && step.id === found.id) ?? found;
        if (next >= size || next <= after) return null;
        after = next;
      }
    },
  };
}

export type Transcript = ReturnType<typeof openTranscript>;
