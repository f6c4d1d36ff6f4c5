import { expect, test } from 'vitest';
import { ACTIONS, type Actions } from './index.ts';

/*
 * What is held here is held by the compiler: the comments fail the type check as soon as the line below them compiles.
 */

test('an action that is forgotten does not compile', () => {
  const { save: _, ...others } = ACTIONS;
  // @ts-expect-error save is missing
  const forgotten: Actions = others;
  expect(Object.keys(forgotten)).toHaveLength(Object.keys(ACTIONS).length - 1);
});

test('an action under another one’s kind does not compile', () => {
  // @ts-expect-error mend is not save
  const mistaken: Actions = { ...ACTIONS, save: ACTIONS.mend };
  expect(mistaken.save.kind).toBe('mend');
});

test('each action stands under its own kind', () => {
  for (const [kind, action] of Object.entries(ACTIONS)) expect(action.kind).toBe(kind);
});
