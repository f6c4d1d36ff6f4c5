import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BoardNote, type BoardOptions, createBoard, type FileBoard } from '../../src/adapters/board/index.ts';
import type { BoardBase } from '../../src/core/board/line/base.ts';
import type { BoardView } from '../../src/core/board/text/view.ts';

/** A folder with a board in it, and what a person at it does. */
export interface Desk {
  readonly dir: string;
  path: string;
  readonly notes: BoardNote[];
  /** A daemon's board; closed with the desk. */
  open(more?: Partial<BoardOptions>): FileBoard;
  now(): string;
  change(edit: (text: string) => string): void;
  /** What lies beside the board. */
  around(): string[];
  clear(): Promise<void>;
}

export function desk(): Desk {
  const dir = mkdtempSync(join(tmpdir(), 'tac8-board-'));
  const boards: FileBoard[] = [];
  const notes: BoardNote[] = [];
  const made: Desk = {
    dir,
    path: join(dir, 'tasks.md'),
    notes,
    open(more = {}) {
      const board = createBoard({ path: made.path, dir: join(dir, '.tac8', 'board'), onNote: (note) => notes.push(note), ...more });
      boards.push(board);
      return board;
    },
    now: () => readFileSync(made.path, 'utf8'),
    change: (edit) => writeFileSync(made.path, edit(made.now())),
    around: () =>
      readdirSync(dir)
        .filter((name) => name !== '.tac8')
        .sort(),
    async clear() {
      for (const board of boards.splice(0)) await board.close();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return made;
}

/** One tick: what the engine does with the board. */
export async function tick(board: FileBoard, view: BoardView, base: BoardBase) {
  const reading = await board.read(base);
  let stored = reading.base;
  stored = await board.publish(view, stored, {
    record(next) {
      stored = next;
    },
  });
  return { ...reading, stored };
}
