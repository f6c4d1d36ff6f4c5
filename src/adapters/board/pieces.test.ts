import { closeSync, ftruncateSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type Desk, desk, tick } from '../../../test/board/desk.ts';
import { line, viewOf } from '../../../test/board/lines.ts';
import type { FileBoard } from './contract.ts';

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.clear());

/** An editor has emptied the board and written half of it, and the daemon looks. */
async function halfSaved(board: FileBoard) {
  const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'), line('gh-3', 'failed'));
  const first = await tick(board, view, { text: null });
  const text = at.now().replace('gh-1: Title 1 {p2}\n', 'gh-1: Title 1 {p2}\n- my note\n');
  const half = text.indexOf('[] gh-2');
  const editor = openSync(at.path, 'w');
  writeSync(editor, text.slice(0, half));
  const finish = (): void => {
    writeSync(editor, text.slice(half));
    closeSync(editor);
  };
  return { view, looking: board.read(first.stored), finish };
}

it('waits for the rest of a save that an editor writes in pieces: no task is taken out meanwhile', async () => {
  const board = at.open({ settleMs: 100 });
  const { view, looking, finish } = await halfSaved(board);
  // A file that is left alone for longer than that is read as it is.
  const since = performance.now();
  await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(300));
  finish();
  const seen = await looking;
  expect(seen.intents).toEqual([]);
  expect(seen.held).toBeNull();
  await tick(board, view, seen.base);
  expect(at.now()).toMatch(/- my note[\s\S]*gh-2: Title 2[\s\S]*gh-3: Title 3/);
});

it.runIf(process.platform === 'linux')('waits as long as the editor has the file open, on a machine that lets it wait', async () => {
  const board = at.open({ settleMs: 5 });
  const { view, looking, finish } = await halfSaved(board);
  const since = performance.now();
  await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(1_000), { timeout: 5_000 });
  finish();
  const seen = await looking;
  expect(seen).toMatchObject({ intents: [], held: null });
  await tick(board, view, seen.base);
  expect(at.now()).toMatch(/- my note[\s\S]*gh-2: Title 2[\s\S]*gh-3: Title 3/);
});

it('late words wait while an editor has emptied the board: alone they would be the whole of it', async () => {
  const board = at.open({ settleMs: 5 });
  const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
  const first = await tick(board, view, { text: null });
  const late = openSync(at.path, 'a');
  const second = await tick(board, viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), first.stored);
  const whole = at.now();
  const editor = openSync(at.path, 'r+');
  ftruncateSync(editor);
  writeSync(late, '- written late\n');
  closeSync(late);
  // Longer than the late words are looked for.
  const since = performance.now();
  await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(1_500), { timeout: 5_000 });
  expect(at.now()).toBe('');
  writeSync(editor, whole.replace('gh-2: Title 2 {p2}\n', 'gh-2: Title 2 {p2}\n- my note\n'), 0);
  closeSync(editor);
  await vi.waitFor(() => expect(at.now()).toContain('- written late'), { timeout: 20_000 });
  const { held, intents } = await board.read(second.stored);
  expect({ held, intents }).toEqual({ held: null, intents: [] });
  expect(at.now()).toMatch(/🟡 w-000001[\s\S]*gh-2: Title 2|gh-2: Title 2[\s\S]*🟡 w-000001/);
  expect(at.now()).toContain('- my note');
});

it.runIf(process.platform === 'linux')(
  'brings in what is written after the watch, by an editor that had the file open all the while',
  async () => {
    const board = at.open({ watchMs: 50, settleMs: 5 });
    const first = await tick(board, viewOf(line('gh-1', 'pending')), { text: null });
    const late = openSync(at.path, 'a');
    await tick(board, viewOf(line('gh-1', 'active')), first.stored);
    const since = performance.now();
    await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(2_500), { timeout: 5_000 });
    writeSync(late, '- written very late\n');
    closeSync(late);
    await vi.waitFor(() => expect(at.now()).toContain('- written very late'), { timeout: 20_000 });
  },
);

it('a board that somebody makes while there was none is read before anything is written over it', async () => {
  const board = at.open({ settleMs: 5 });
  const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'failed'));
  const first = await tick(board, view, { text: null });
  const mine = at.now().replace('gh-1: Title 1 {p2}\n', 'gh-1: Title 1 {p2}\n- my note\n');
  rmSync(at.path);
  const changed = viewOf(line('gh-1', 'active'), line('gh-2', 'failed'));
  const later = await board.publish(changed, first.stored, { record: () => writeFileSync(at.path, mine) });
  expect(at.now()).toBe(mine);
  const second = await tick(board, changed, later);
  expect(second).toMatchObject({ intents: [], held: null });
  expect(at.now().match(/gh-1/g)).toHaveLength(2);
  expect(at.now()).toMatch(/gh-1[\s\S]*- my note/);
});

it('words that were not taken in yet stand on the board again when an editor has put its file away for a moment', async () => {
  const board = at.open({ settleMs: 5 });
  const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
  const first = await tick(board, view, { text: null });
  writeFileSync(at.path, at.now().replace('gh-2: Title 2 {p2}\n', 'gh-2: Title 2 {p2}\n- my note\n'));
  // Written beside the person's words, which nobody has looked at.
  const second = await board.publish(viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), first.stored);
  expect(at.now()).toContain('- my note');
  rmSync(at.path);
  const third = await board.publish(viewOf(line('gh-1', 'completed'), line('gh-2', 'pending')), second);
  expect(at.now()).toMatch(/gh-2: Title 2 \{p2\}\n- my note/);
  expect(third.text).not.toContain('- my note');
});

it.runIf(process.platform === 'linux').each(['before it is read', 'as it is exchanged'])(
  'an editor that has written half of its text over the old one takes nothing out: %s',
  async (when) => {
    const board = at.open({ settleMs: 5 });
    const tasks = [1, 2, 3, 4, 5].map((n) => line(`gh-${n}`, 'pending'));
    const first = await tick(board, viewOf(...tasks), { text: null });
    const mine = at.now().replace('gh-1: Title 1 {p2}\n', `gh-1: Title 1 {p2}\n- ${'my note '.repeat(4)}\n`);
    const seam = mine.indexOf('[] gh-3');
    const editor = openSync(at.path, 'r+');
    const half = (): void => void writeSync(editor, mine.slice(0, seam), 0);
    const rest = async (): Promise<void> => {
      await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(400), { timeout: 5_000 });
      writeSync(editor, mine.slice(seam), seam);
      closeSync(editor);
    };
    const since = performance.now();
    const changed = viewOf(...tasks.slice(0, 4), line('gh-5', 'active'));
    let stored = first.stored;
    const ended: Promise<void>[] = [];
    if (when === 'before it is read') {
      half();
      ended.push(rest());
      const reading = await board.read(stored);
      expect(reading).toMatchObject({ intents: [], held: null });
      stored = reading.base;
    }
    stored = await board.publish(changed, stored, {
      record: () => {
        if (when === 'before it is read') return;
        half();
        ended.push(rest());
      },
    });
    await Promise.all(ended);
    const { intents, held } = await board.read(stored);
    expect({ intents, held }).toEqual({ intents: [], held: null });
    expect(at.now()).toContain('- my note');
    for (const { id } of tasks) expect(at.now().split(`${id}:`), at.now()).toHaveLength(2);
  },
);
