import type { Board, BoardBody, BoardDraft, BoardEdit } from '../api/desk/board.ts';
import { iso } from '../api/iso.ts';
import type { Daemon } from '../compose/daemon.ts';
import { type BoardChange, changedBy } from '../core/board/edit/change.ts';
import { canBeMeant } from '../core/board/edit/hold.ts';
import { sayIntent } from '../core/board/edit/say.ts';
import { conflictProblems, problemsOf } from '../core/board/line/lint.ts';
import type { HeadingNames } from '../core/board/text/heading.ts';
import { parseBoard } from '../core/board/text/parse.ts';
import { bodyOf } from '../core/board/text/syntax.ts';
import type { Ms } from '../core/model/seen.ts';
import { keepBoard } from '../engine/tell/board-keeper.ts';

export interface BoardAt {
  readonly store: Daemon['store'];
  readonly board: Daemon['board'];
  readonly now: () => Ms;
  /** The file was saved: the loop is to look. */
  readonly wake: () => void;
}

const MOST_LOST = 3;

/** `tasks.md` as whoever asks reads and edits it, by the rules of the file. */
export function boardDesk({ store, board, now, wake }: BoardAt) {
  const base = () => keepBoard(store).read();
  const names = (): HeadingNames => base().memory?.names ?? {};
  const refusedBecause = ({ lost, hold }: Pick<Awaited<ReturnType<typeof board.draft>>, 'lost' | 'hold'>): string | null => {
    if (hold !== null && !canBeMeant(hold)) return `${hold.message}. ${hold.hint}`;
    if (lost.length === 0) return hold === null ? null : `${hold.message}; saved like this, it is held until somebody accepts it`;
    const said = lost.slice(0, MOST_LOST).map(({ line, words }) => `line ${line} there says: ${words.trim().slice(0, 200)}`);
    return `tasks.md was changed meanwhile, in the same place; ${said.join('; ')}`;
  };
  /** Null where the file is another one by now: the next look says whether that is held. */
  const heldNow = async (): Promise<Board['held']> => {
    const held = store.fact('daemon')?.held ?? null;
    const meant = held === null ? null : await board.meant(base);
    if (held === null || meant?.token !== held.token) return null;
    const { message, hint, token } = held;
    return { message, hint, token, would: meant.intents.map(sayIntent), acceptable: canBeMeant(held) };
  };
  return {
    async read(): Promise<Board> {
      const text = (await board.text()) ?? '';
      return { at: iso(now()), ...sheetOf(text, names()), held: await heldNow() };
    },
    async draft({ from, text, change }: BoardEdit): Promise<BoardDraft> {
      const edited = change === undefined ? text : changedBy(text, change as BoardChange, names());
      const draft = await board.draft(base, from, edited ?? text);
      const refused = edited === null ? 'no task begins on that line, or tasks.md has no such section' : refusedBecause(draft);
      return {
        at: iso(now()),
        ...sheetOf(edited ?? text, names()),
        problems: draft.problems,
        would: draft.intents.map(sayIntent),
        refused,
        holds: edited !== null && draft.lost.length === 0 && draft.hold !== null && canBeMeant(draft.hold),
        merged: draft.lost.length === 0 ? null : { from: draft.now, text: draft.text },
      };
    },
    async save({ from, text, held = false }: BoardBody): Promise<{ readonly ok: boolean; readonly message: string }> {
      const draft = await board.save(base, from, text, { held });
      if (!draft.isSaved) return { ok: false, message: refusedBecause(draft) ?? 'tasks.md was not saved' };
      wake();
      if (draft.hold !== null)
        return { ok: true, message: `tasks.md is saved; ${draft.hold.message}: it is held until somebody accepts it` };
      const would = draft.intents.map(sayIntent);
      return {
        ok: true,
        message: would.length === 0 ? 'tasks.md is saved' : `tasks.md is saved, and tac8 takes it up: ${would.join('; ')}`,
      };
    },
  };
}

function sheetOf(text: string, names: HeadingNames): Pick<Board, 'text' | 'sections' | 'lines' | 'problems'> {
  const doc = parseBoard(text, names);
  return {
    text,
    sections: doc.nodes.flatMap((node) =>
      node.kind === 'heading' && node.section !== null
        ? [{ section: node.section, heading: bodyOf(node.lines[0] ?? '').replace(/^\s*#+\s*/, ''), line: node.at }]
        : [],
    ),
    lines: doc.nodes.flatMap((node) =>
      node.kind === 'task'
        ? [
            {
              ...{ line: node.at, count: node.lines.length, section: node.section },
              ...{ task: node.task.id, title: node.task.title, priority: node.task.priority },
              details: node.lines.slice(1).map((line) => bodyOf(line).trim()),
            },
          ]
        : [],
    ),
    problems: [...conflictProblems(text), ...problemsOf(doc)],
  };
}
