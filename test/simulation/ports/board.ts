import type { BoardBase } from '../../../src/core/board/base.ts';
import { mergeBoards } from '../../../src/core/board/merge.ts';
import { versionOf } from '../../../src/core/board/parse.ts';
import { planPublish } from '../../../src/core/board/plan.ts';
import { closest, takeIn } from '../../../src/core/board/take.ts';
import type { Board, BoardReading } from '../../../src/engine/ports.ts';
import type { Life } from '../life.ts';
import type { Stage } from '../stage.ts';

/** `tasks.md` with the real reading, merging and writing; only the file is simulated. */
export function boardPort(stage: Stage, life: Life): Board {
  const { board } = stage;
  const reading = remembered<BoardReading>();
  const same = remembered<BoardBase>();

  function read(base: BoardBase, accept: string | undefined): BoardReading {
    const { text } = board;
    if (base.text !== null) board.remember(base.text);
    const { hold, ...taken } = takeIn(base, text, board.versions, accept !== undefined && accept === tokenOf(text));
    if (text !== null && hold === null) board.remember(text);
    return { ...taken, held: hold === null ? null : { ...hold, token: tokenOf(text) } };
  }

  return {
    async read(base, { accept } = {}) {
      // A text counts as saved when nobody writes on it any more.
      while (board.isBeingSaved) await life.pause(10);
      stage.ticked();
      return life.call('board.read', () => reading([base, board.text, accept], () => read(base, accept)));
    },
    preview: (base) => life.call('board.read', () => read(base, undefined)),
    async publish(view, base, { record, restore = false } = {}) {
      const seen = board.text;
      const unchanged = same.found([base, seen, JSON.stringify(view.lines), view.maxActive]);
      if (unchanged !== undefined && !restore) return life.call('board.publish', () => unchanged);
      const plan = await life.call('board.publish', () => planPublish(view, base, seen, board.versions, restore));
      if (plan.kind === 'held') return base;
      if (plan.kind === 'same') {
        const next = JSON.stringify(plan.base) === JSON.stringify(base) ? base : plan.base;
        same.keep([next, seen, JSON.stringify(view.lines), view.maxActive], next);
        return next;
      }
      if (restore && seen !== null) board.copies.push(seen);
      record?.({ ...base, next: { text: plan.base.text, memory: plan.base.memory ?? { lines: {}, spoken: [], names: {} } } });
      board.remember(plan.text);
      return life.call('board.publish/swap', () => {
        const now = board.text;
        if (now === seen || now === null) board.text = plan.text;
        else if (now.trim() === '') return base;
        else board.text = mergeBoards(ancestor(now, seen), now, plan.text).text;
        return plan.base;
      });
    },
    close: async () => undefined,
  };

  function ancestor(text: string, expected: string | null): string {
    const version = versionOf(text);
    if (version === null || version === versionOf(expected ?? '')) return expected ?? '';
    return closest(board.versions(version), text) ?? expected ?? '';
  }
}

const tokenOf = (text: string | null): string => `${text?.length ?? 0}`;

/** The last answer, for the same question asked again: what is asked is a pure function. */
function remembered<T>() {
  let question: readonly unknown[] = [];
  let answer: T | undefined;
  const found = (asked: readonly unknown[]): T | undefined =>
    answer !== undefined && asked.length === question.length && asked.every((part, at) => part === question[at]) ? answer : undefined;
  const keep = (asked: readonly unknown[], value: T): void => {
    question = asked;
    answer = value;
  };
  return Object.assign(
    (asked: readonly unknown[], compute: () => T): T => {
      const known = found(asked);
      if (known !== undefined) return known;
      const value = compute();
      keep(asked, value);
      return value;
    },
    { found, keep },
  );
}
