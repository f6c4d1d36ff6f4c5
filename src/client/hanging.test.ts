import { describe, expect, test } from 'vitest';
import { clientBench as bench, end, tool } from '../../test/support/agents/client-bench.ts';

describe('a tool that says nothing for long', () => {
  const beats = (answers?: () => boolean): number => {
    const on = bench(answers === undefined ? {} : { answers });
    on.say('Do it.');
    on.hear(tool('a'));
    for (let n = 0; n < 20; n += 1) on.pass(30_000);
    return on.kinds().filter((kind) => kind === 'heartbeat').length;
  };

  test('is told of as a sign of life, of an agent that answers or cannot be asked', () => {
    expect(beats()).toBeGreaterThan(15);
    expect(beats(() => true)).toBeGreaterThan(15);
  });

  test('is none of an agent that hangs: its silence is what ends it', () => {
    const answers = Array.from({ length: 20 }, (_, n) => n < 3);
    expect(beats(() => answers.shift() ?? false)).toBe(3);
    expect(answers.length).toBeLessThan(5);
  });
});

describe('a command that goes on behind a turn', () => {
  const told = (works: () => boolean) => {
    const on = bench({ leavesTools: true, works });
    on.say('Do it.');
    on.hear(tool('a'), end());
    for (let n = 0; n < 4; n += 1) on.pass(5_000);
    return on.log.flatMap((event) => (event.kind === 'background' ? [event.works.length] : []));
  };

  test('is waited for as long as it is there', () => {
    expect(told(() => true)).toEqual([1]);
    const left = [true, true, false];
    expect(told(() => left.shift() ?? false)).toEqual([1, 0]);
  });

  test('is over where the agent has taken it along, or forgot to tell of its end', () => {
    expect(told(() => false)).toEqual([1, 0]);
  });
});
