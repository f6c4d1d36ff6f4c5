import { closeSync, openSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Desk, desk, tick } from '../../../test/board/desk.ts';
import { line, viewOf } from '../../../test/board/lines.ts';

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.clear());

it('waits for the rest of a save that an editor writes in pieces: no task is taken out meanwhile', async () => {
  const board = at.open({ settleMs: 100 });
  const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'), line('gh-3', 'failed'));
  const first = await tick(board, view, { text: null });
  const text = at.now().replace('gh-1: Title 1 {p2}\n', 'gh-1: Title 1 {p2}\n- my note\n');
  const half = text.indexOf('[] gh-2');
  const editor = openSync(at.path, 'w');
  writeSync(editor, text.slice(0, half));
  const looking = board.read(first.stored);
  // A file that is left alone for longer than that is read as it is.
  const since = performance.now();
  await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(300));
  writeSync(editor, text.slice(half));
  closeSync(editor);
  const seen = await looking;
  expect(seen.intents).toEqual([]);
  expect(seen.held).toBeNull();
  await tick(board, view, seen.base);
  expect(at.now()).toMatch(/- my note[\s\S]*gh-2: Title 2[\s\S]*gh-3: Title 3/);
});
