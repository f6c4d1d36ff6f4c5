import { describe, expect, test } from 'vitest';
import { clientBench, end, text, tool } from '../../test/support/agents/client-bench.ts';
import type { OneShot } from '../agents/client/driver.ts';
import { interruptLine } from '../agents/client/input.ts';
import { turnEnded } from '../agents/words/turn-end.ts';

const here = { at: null, parent: null } as const;
/** It says what it does in the words of its events. */
const SHOT: OneShot = {
  ...{ what: 'agent once', insteadOf: 'its server' },
  argv: ({ command: [program] }, conversation) => [program, 'once', ...(conversation === null ? [] : [conversation])],
  events: ({ session, says, begins, ends }) => [
    ...(session === undefined
      ? []
      : [{ ...here, kind: 'session' as const, session: String(session), model: null, cwd: null, version: null, mode: null }]),
    ...(says === undefined ? [] : [text(String(says))]),
    ...(begins === undefined ? [] : [tool(String(begins))]),
    ...(ends === undefined ? [] : [end(turnEnded(ends === 'well' ? 'completed' : 'refused', { text: String(ends) }))]),
  ],
};
const GOOD = { code: 0, signal: null } as const;

/** An agent that ended before its first word, and then was asked once. */
function fallen(works?: () => boolean) {
  const on = clientBench({ otherwise: SHOT, ...(works && { works }) });
  on.say('Do it.');
  on.end({ code: 2, signal: null });
  return on;
}

describe('an agent that ends before its first word', () => {
  test('is run once for each turn: what it was told before first, what it is told meanwhile as its next turn', () => {
    const on = fallen();
    expect(on.did).toEqual(['say Do it.', 'agent once', 'write Do it.', 'end of input']);
    on.line({ session: 's-1', says: 'I begin.' });
    on.say('Mind the tabs.', 'one');
    on.line({ ends: 'well' });
    expect(on.ends()).toEqual([]);
    on.end(GOOD);
    expect(on.ends()).toMatchObject([{ end: 'completed' }]);
    expect(on.did.slice(4)).toEqual(['agent once s-1', 'write Mind the tabs.', 'end of input']);
    on.line({ says: 'Done.', ends: 'well' });
    on.end(GOOD);
    expect(on.exits).toEqual([]);
    on.client.inputEnded();
    expect(on.exits).toEqual([GOOD]);
    const notes = on.log.flatMap((event) => (event.kind === 'note' ? [event.text] : []));
    expect(notes).toEqual([
      'its server ended before its first word (exit code 2): agent once is used, which hears a message as its next turn',
    ]);
  });

  test('and says nothing in the other way either has not begun: it ends as it ended', () => {
    const on = fallen();
    on.end({ code: 1, signal: null });
    expect(on.exits).toEqual([{ code: 1, signal: null }]);
    expect(on.kinds()).toEqual(['user']);
  });

  test('is interrupted by SIGINT, and by SIGKILL where it does not obey', () => {
    const on = fallen();
    on.line({ session: 's-1' });
    on.client.order(interruptLine());
    expect(on.did.at(-1)).toBe('SIGINT');
    on.pass(5000);
    expect(on.did.at(-1)).toBe('SIGKILL');
    on.end({ code: null, signal: 'SIGKILL' });
    expect(on.ends()).toMatchObject([{ end: 'interrupted' }]);
    on.client.inputEnded();
    expect(on.exits).toEqual([GOOD]);
  });

  test('and dies in the middle of a turn takes the run with it', () => {
    const on = fallen();
    on.line({ session: 's-1' });
    on.end({ code: null, signal: 'SIGSEGV' });
    expect([on.exits, on.ends()]).toEqual([[{ code: null, signal: 'SIGSEGV' }], []]);
  });

  test.each([
    ['a program that is not there', { code: 127, signal: null }],
    ['one that was killed', { code: null, signal: 'SIGKILL' }],
  ] as const)('%s is tried in no other way', (_, how) => {
    const on = clientBench({ otherwise: SHOT });
    on.say('Do it.');
    on.end(how);
    expect([on.exits, on.did]).toEqual([[how], ['say Do it.']]);
  });
});

test('an agent that says that it is unable is ended, and spoken to in the other way', () => {
  const on = clientBench({ otherwise: SHOT });
  on.say('Do it.');
  on.unable('does not begin (no such method)');
  expect(on.did).toEqual(['say Do it.', 'agent once', 'write Do it.', 'end of input', 'SIGKILL']);
});

test('an agent that has said nothing for a minute is ended, and spoken to in the other way', () => {
  const on = clientBench({ otherwise: SHOT });
  on.say('Do it.');
  on.pass(59_000);
  expect(on.did).toEqual(['say Do it.']);
  on.pass(1_000);
  expect(on.did).toEqual(['say Do it.', 'agent once', 'write Do it.', 'end of input', 'SIGKILL']);
});

test('one that has said something and begun no conversation for a minute is, too; one that has begun is not', () => {
  for (const hasBegun of [false, true]) {
    const on = clientBench({ otherwise: SHOT, begins: () => hasBegun });
    on.say('Do it.');
    on.line({ id: 1 });
    on.pass(60_000);
    expect(on.did.length > 1).toBe(!hasBegun);
  }
});

test('in a tool its process is its sign of life, as long as it is at work', () => {
  const beats = (works: readonly boolean[]): number => {
    const left = [...works];
    const on = fallen(() => left.shift() ?? false);
    on.line({ session: 's-1', begins: 'a' });
    for (let n = 0; n < 10; n += 1) on.pass(30_000);
    return on.kinds().filter((kind) => kind === 'heartbeat').length;
  };
  expect(beats([])).toBe(0);
  expect(beats([true, true, true])).toBe(3);
});

test('one that has said something is not, whatever comes after it', () => {
  const on = clientBench({ otherwise: SHOT });
  on.say('Do it.');
  on.line({ id: 1 });
  on.pass(600_000);
  expect(on.did).toEqual(['say Do it.']);
});
