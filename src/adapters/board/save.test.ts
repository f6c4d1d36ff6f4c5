import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Desk, desk, tick } from '../../../test/board/desk.ts';
import { line, viewOf } from '../../../test/board/lines.ts';

/* An edit that a person makes without an editor: by the same rules as one that is made with it. */

let at: Desk;
beforeEach(() => {
  at = desk();
});
afterEach(() => at.clear());

const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));

test('an edit is drafted without a trace, saved, and taken in as a person’s', async () => {
  const board = at.open();
  const first = await tick(board, view, { text: null });
  const loaded = at.now();
  const mine = loaded.replace('[] gh-2: Title 2 {p2}', '[] gh-2: Title 2 {p0}\n- my note');
  const draft = await board.draft(() => first.stored, loaded, mine);
  expect(draft).toMatchObject({ intents: [{ kind: 'priority', task: 'gh-2', priority: 0 }], lost: [], hold: null });
  expect(at.now()).toBe(loaded);
  expect(await board.save(() => first.stored, loaded, mine)).toMatchObject({ isSaved: true });
  expect(at.now()).toBe(mine);
  const second = await tick(board, view, first.stored);
  expect(second.intents).toMatchObject([{ kind: 'priority', task: 'gh-2', priority: 0 }]);
  expect(at.now()).toContain('- my note');
});

test('what tac8 and somebody else wrote meanwhile stays, and so does the edit', async () => {
  const board = at.open();
  const first = await tick(board, view, { text: null });
  const loaded = at.now();
  const later = viewOf(line('gh-1', 'active'), line('gh-2', 'pending'), line('gh-9', 'pending'));
  const second = await tick(board, later, first.stored);
  writeFileSync(at.path, at.now().replace('## Active', 'words of another person\n## Active'));
  const mine = loaded.replace('[] gh-2: Title 2 {p2}', '[] gh-2: Title 2 {p1}');
  const saved = await board.save(() => second.stored, loaded, mine);
  expect(saved).toMatchObject({ isSaved: true, intents: [{ kind: 'priority', task: 'gh-2', priority: 1 }] });
  expect(at.now()).toContain('words of another person');
  expect(at.now()).toMatch(/gh-9[\s\S]*🟡 w-000001/);
  expect((await tick(board, later, second.stored)).intents).toMatchObject([{ kind: 'priority', task: 'gh-2', priority: 1 }]);
  expect(at.now()).toContain('words of another person');
});

test('two who changed the same words: the second is told, and nothing is written', async () => {
  const board = at.open();
  const first = await tick(board, view, { text: null });
  const loaded = at.now();
  writeFileSync(at.path, loaded.replace('gh-2: Title 2', 'gh-2: Their title'));
  const before = at.now();
  const saved = await board.save(() => first.stored, loaded, loaded.replace('gh-2: Title 2', 'gh-2: My title'));
  expect(saved.isSaved).toBe(false);
  expect(saved.lost[0]?.words).toMatch(/title/);
  expect(at.now()).toBe(before);
});

test('an edit that looks like an accident is not saved', async () => {
  const board = at.open();
  const many = viewOf(...Array.from({ length: 10 }, (_, n) => line(`gh-${n + 1}`, 'pending')));
  const first = await tick(board, many, { text: null });
  const loaded = at.now();
  for (const text of [
    '',
    loaded
      .split('\n')
      .filter((one) => !/gh-[2-9]/.test(one))
      .join('\n'),
  ])
    expect(await board.save(() => first.stored, loaded, text)).toMatchObject({ isSaved: false, hold: expect.anything() });
  expect(at.now()).toBe(loaded);
});

test('one that looks like an accident is saved where that is wanted, held, and told of; accepted it is taken in by what it was told to do', async () => {
  const board = at.open();
  const many = viewOf(...Array.from({ length: 10 }, (_, n) => line(`gh-${n + 1}`, 'pending')));
  const first = await tick(board, many, { text: null });
  const loaded = at.now();
  const mine = loaded.replace(/^\[\] gh-[2-9].*\n/gm, '');
  expect(await board.save(() => first.stored, loaded, mine, { held: true })).toMatchObject({ isSaved: true, hold: { kind: 'removal' } });
  expect(at.now()).toBe(mine);
  const { held } = await board.read(first.stored);
  const meant = await board.meant(() => first.stored);
  expect(meant).toMatchObject({ token: held?.token, hold: null });
  expect(meant?.intents.filter(({ kind }) => kind === 'remove')).toHaveLength(8);
  expect((await board.read(first.stored, { accept: held?.token ?? '' })).intents).toEqual(meant?.intents);
  // What nobody can mean is not saved, whatever is wanted.
  const torn = `${loaded}\n<<<<<<< mine\n=======\n>>>>>>> theirs\n`;
  expect(await board.save(() => first.stored, mine, torn, { held: true })).toMatchObject({ isSaved: false, hold: { kind: 'conflict' } });
  expect(at.now()).toBe(mine);
});

test('of an older board that is held what cannot be read is named by its line in the file', async () => {
  const board = at.open();
  const first = await tick(board, viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'), line('gh-3', 'pending')), { text: null });
  const older = at.now();
  const second = await tick(board, viewOf(line('gh-1', 'active')), first.stored);
  writeFileSync(at.path, `${older}<<<<<<< mine\n=======\n>>>>>>> theirs\n`);
  const { held, problems } = await board.read(second.stored);
  expect(held?.kind).toBe('conflict');
  expect(problems.map((one) => one.line)).toEqual([0, older.split('\n').length]);
});
