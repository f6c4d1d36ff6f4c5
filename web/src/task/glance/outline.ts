import { signal } from '@preact/signals';
import { ask } from '../../link/ask.ts';
import type { Outline } from '../../link/contract.ts';

/** A run in short, as far as the daemon has looked at its log. */
export function openOutline(task: string, run: string | null) {
  const known = signal<Outline | null>(null);
  let busy = false;
  /** The task is left: nobody wants the rest. */
  let gone = false;

  /** Asks for what is new, until all of the log was looked at. */
  const look = async (): Promise<void> => {
    if (busy) return;
    busy = true;
    try {
      for (let isMore = true; isMore && !gone; ) {
        const before = known.peek();
        const query = new URLSearchParams({ from: String(before?.next ?? 0), ...(run === null ? {} : { run }) });
        const answer = await ask<Outline>(`tasks/${encodeURIComponent(task)}/transcript/outline?${query}`);
        if (!answer.ok) return;
        const { value } = answer;
        // Another run's, or a log that was cut: what is known of it is of no use.
        const isAnew = before !== null && (before.run !== value.run || value.after < before.after);
        // Its marks came from where those of the other one ended.
        if (isAnew && before.next > 0) {
          known.value = { ...value, marks: [], next: 0, after: 0 };
          continue;
        }
        known.value = { ...value, marks: isAnew || before === null ? value.marks : [...before.marks, ...value.marks] };
        isMore = (value.after < value.size && value.after !== before?.after) || value.marks.length > 0;
      }
    } finally {
      busy = false;
    }
  };
  return {
    known,
    look,
    leave: (): void => {
      gone = true;
    },
  };
}
