import { describe, expect, test } from 'vitest';
import { clientBench as bench, end, here, retry, text, tool, toolEnd } from '../../test/support/agents/client-bench.ts';
import { interruptLine } from '../agents/client/input.ts';
import { turnEnded } from '../agents/words/turn-end.ts';
import { EMPTY_STREAM } from '../core/model/run.ts';
import { advance } from '../transcript/facts/facts.ts';
import { createLines } from './lines.ts';

describe('a turn', () => {
  test('ends with its last text, what it came to and how many replies it took', () => {
    const on = bench();
    on.say('Do it.');
    const usage = { inputTokens: 10, outputTokens: 2, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 };
    on.hear(text('I begin.'), tool('a'), tool('b'), toolEnd('a'), { ...here, kind: 'usage', usage }, toolEnd('b'));
    on.hear(text('Done.'), { ...here, kind: 'usage', usage }, end());
    expect(on.did).toEqual(['say Do it.']);
    expect(on.ends()).toMatchObject([{ end: 'completed', text: 'Done.', turns: 2, spent: { inputTokens: 20, outputTokens: 4 } }]);
  });

  test('what an agent does not say of its cost comes from the table of prices, and says so', () => {
    const on = bench({ prices: { 'a-*': { input: 3, output: 15, cached: 0.1 } } });
    on.say('Do it.');
    const usage = { inputTokens: 1_000_000, outputTokens: 100_000, cacheReadTokens: 0, cacheWriteTokens: 0, usd: 0 };
    on.hear({ ...here, kind: 'usage', usage }, { ...here, kind: 'usage', usage: { ...usage, usd: 2 } }, end());
    expect(on.ends()).toMatchObject([{ spent: { usd: 6.5, usdEstimated: 6.5 } }]);
    expect(on.log).toMatchObject([{ kind: 'user' }, { kind: 'usage', usage: { usd: 4.5, usdEstimated: 4.5 } }, { usage: { usd: 2 } }, {}]);
  });

  test('that is told something passes it on, once, and says when the agent has it', () => {
    const on = bench();
    on.say('Do it.');
    on.say('Mind the tabs.', 'one');
    on.say('Mind the tabs.', 'one');
    on.answer(true);
    expect(on.did).toEqual(['say Do it.', 'tell Mind the tabs.']);
    expect(on.heard().map(({ state, command_uuid }) => [state, command_uuid])).toEqual([
      ['queued', 'one'],
      ['started', 'one'],
    ]);
  });

  test('what people say to it stands in the log where it was handed on, once, and is no sign of life', () => {
    const on = bench();
    on.say('Do it.');
    on.hear({ ...here, kind: 'user', text: 'Do it.', synthetic: false }, text('I begin.'));
    on.say('Mind the tabs.', 'one');
    on.answer(true);
    on.hear(end());
    const words = on.log.filter(({ kind }) => kind === 'user' || kind === 'text');
    expect(words).toMatchObject([
      { kind: 'user', text: 'Do it.', synthetic: false, ours: true },
      { kind: 'text', text: 'I begin.' },
      { kind: 'user', text: 'Mind the tabs.', synthetic: false, ours: true },
    ]);
    expect(advance(EMPTY_STREAM, [on.log[0] ?? end()], 1, 5)).toEqual({ ...EMPTY_STREAM, offset: 1 });
  });

  test.each([
    ['an agent that cannot be told', { steers: false }],
    ['an agent that refuses', { steers: true }],
  ])('%s gets it as its next turn', (_, options) => {
    const on = bench(options);
    on.say('Do it.');
    on.say('More.', 'one');
    if (options.steers) on.answer(false);
    on.client.inputEnded();
    on.hear(end());
    expect(on.did.at(-1)).toBe('say More.');
    expect(on.heard().at(-1)).toMatchObject({ state: 'started', command_uuid: 'one' });
    on.hear(end());
    expect(on.did.at(-1)).toBe('end of input');
  });

  test('a refusal that comes after the turn is over loses nothing', () => {
    const on = bench();
    on.say('Do it.');
    on.say('More.');
    on.hear(end());
    on.answer(false);
    expect(on.did).toEqual(['say Do it.', 'tell More.', 'say More.']);
  });
});

describe('a stop', () => {
  test('waits for the tool in hand, and ends the turn before a further one', () => {
    const on = bench();
    on.say('Do it.');
    on.hear(tool('a'));
    on.wantStop();
    on.pass(1000);
    expect(on.did).toEqual(['say Do it.']);
    on.hear(toolEnd('a'));
    expect(on.did).toEqual(['say Do it.', 'interrupt']);
    on.hear(end(turnEnded('interrupted')));
    expect(on.ends()).toMatchObject([{ end: 'stopped' }]);
  });

  test('waits for a tool that began before it and is told of after it', () => {
    const on = bench();
    on.say('Do it.');
    on.pass(1000);
    on.wantStop();
    on.pass(2000);
    on.hear({ ...tool('a'), at: 990 });
    expect(on.did).toEqual(['say Do it.']);
    on.hear(toolEnd('a'));
    expect(on.did).toEqual(['say Do it.', 'interrupt']);
  });

  test('ends the turn at a further tool; what the agent took into the background before goes on to its end', () => {
    const on = bench();
    on.say('Do it.');
    on.hear(tool('a'));
    on.wantStop();
    on.pass(1000);
    on.hear(tool('b'));
    expect(on.did).toEqual(['say Do it.', 'interrupt']);
    on.hear(end(turnEnded('interrupted')));
    on.pass(5000);
    expect([on.did.length, on.ends()]).toEqual([2, []]);
    on.hear(toolEnd('a'));
    expect(on.ends()).toMatchObject([{ end: 'stopped' }]);
  });

  test('waits no longer when the daemon interrupts', () => {
    const on = bench();
    on.say('Do it.');
    on.hear(tool('a'));
    on.wantStop();
    on.pass(1000);
    on.hear(tool('b'), end(turnEnded('interrupted')));
    on.client.order(interruptLine());
    expect(on.ends()).toMatchObject([{ end: 'stopped' }]);
  });

  test('lets tools that run side by side all end', () => {
    const on = bench();
    on.say('Do it.');
    on.hear(tool('a'), tool('b'));
    on.wantStop();
    on.hear(toolEnd('a'));
    expect(on.did).toEqual(['say Do it.']);
    on.hear(toolEnd('b'));
    expect(on.did).toEqual(['say Do it.', 'interrupt']);
  });

  test('that came too late changes no good end', () => {
    const on = bench();
    on.say('Do it.');
    on.wantStop();
    on.hear(tool('a'), end());
    expect(on.ends()).toMatchObject([{ end: 'completed' }]);
  });

  test('lets no further turn begin', () => {
    const on = bench();
    on.wantStop();
    on.say('Do it.');
    expect(on.did).toEqual([]);
    expect(on.ends()).toMatchObject([{ end: 'stopped' }]);
  });
});

describe('an interrupt', () => {
  test('ends the turn', () => {
    const on = bench();
    on.say('Do it.');
    on.client.order(interruptLine());
    on.hear(end(turnEnded('interrupted')));
    expect(on.ends()).toMatchObject([{ end: 'interrupted' }]);
  });

  test('that is not obeyed ends the agent, and the turn is over all the same', () => {
    const on = bench();
    on.say('Do it.');
    on.client.order(interruptLine());
    on.pass(5000);
    expect(on.did).toEqual(['say Do it.', 'interrupt', 'SIGKILL']);
    expect(on.ends()).toMatchObject([{ end: 'interrupted' }]);
  });
});

describe('a provider', () => {
  test('that is out of reach is given up after the time that it has', () => {
    const on = bench();
    on.say('Do it.');
    on.hear(retry());
    on.pass(59_000);
    on.hear(retry({ attempt: 2 }));
    expect(on.did).toEqual(['say Do it.']);
    on.pass(1000);
    expect(on.did).toEqual(['say Do it.', 'interrupt']);
    on.hear(end(turnEnded('interrupted')));
    expect(on.ends()).toMatchObject([{ end: 'refused', text: 'it could not reach its provider: no network' }]);
  });

  test('that answers again has its whole time again', () => {
    const on = bench();
    on.say('Do it.');
    on.hear(retry());
    on.pass(40_000);
    on.hear(text('There you are.'));
    on.pass(40_000);
    expect(on.did).toEqual(['say Do it.']);
  });

  test.each([
    [401, null, null],
    [403, null, null],
    [null, 'login', null],
    [429, 'money', null],
    // For longer than anybody waits for it.
    [429, null, 60_001],
  ] as const)('that refuses for good (%s, %s), or for long, is not asked again', (status, refusal, delayMs) => {
    const on = bench();
    on.say('Do it.');
    on.hear(retry({ status, refusal, delayMs }));
    expect(on.did).toEqual(['say Do it.', 'interrupt']);
    on.hear(end(turnEnded('interrupted')));
    expect(on.ends()).toMatchObject([{ end: 'refused', apiErrorStatus: status }]);
  });
});

test('a long tool gives signs of life; a model that says nothing gives none', () => {
  const on = bench();
  on.say('Do it.');
  on.pass(30_000);
  expect(on.kinds()).toEqual(['user']);
  on.hear(tool('a'));
  on.pass(30_000);
  on.pass(30_000);
  expect(on.kinds()).toEqual(['user', 'tool_start', 'heartbeat', 'heartbeat']);
});

test('an agent that dies takes the run with it, without a result', () => {
  const on = bench();
  on.say('Do it.');
  on.end({ code: null, signal: 'SIGSEGV' });
  expect(on.exits).toEqual([{ code: null, signal: 'SIGSEGV' }]);
  expect(on.ends()).toEqual([]);
});

test('an agent that has to be made to leave after its work ended well', () => {
  const on = bench();
  on.say('Do it.');
  on.hear(end());
  on.client.inputEnded();
  expect(on.did).toEqual(['say Do it.', 'end of input']);
  on.pass(3000);
  on.pass(3000);
  expect(on.did.slice(2)).toEqual(['SIGTERM', 'SIGKILL']);
  on.end({ code: null, signal: 'SIGTERM' });
  expect(on.exits).toEqual([{ code: 0, signal: null }]);
});

test('a signal is the agent’s, and the client follows it whether the agent does or not', () => {
  const on = bench();
  on.client.signal('SIGTERM');
  expect(on.did).toEqual(['SIGTERM']);
  on.pass(2000);
  expect(on.exits).toEqual([{ code: null, signal: 'SIGTERM' }]);
});

test('lines are cut where they end, whatever the pieces', () => {
  const lines: string[] = [];
  const cut = createLines((line) => lines.push(line));
  for (const piece of ['{"a', '":1}\n{"b":', '2}\n\n', '€'.slice(0, 1)]) cut.add(Buffer.from(piece));
  cut.end();
  expect(lines).toEqual(['{"a":1}', '{"b":2}', '€']);
});

describe('a tool that goes on when the turn is over', () => {
  const works = (client: ReturnType<typeof bench>) =>
    client.log.flatMap((event) => (event.kind === 'background' ? [event.works.map(({ id }) => id)] : []));

  test('is told of as work behind the turn, and so is its end', () => {
    const client = bench({ leavesTools: true });
    client.say('Do it.');
    client.hear(tool('one'), end(turnEnded('completed')));
    expect(works(client)).toEqual([['one']]);
    expect(client.kinds().slice(-2)).toEqual(['background', 'turn_end']);
    client.hear(toolEnd('one'));
    expect(works(client)).toEqual([['one'], []]);
  });

  test('of a turn that was ended from outside, or of an agent that leaves nothing, nothing is told', () => {
    for (const [made, how] of [
      [bench({ leavesTools: true }), 'interrupted'],
      [bench(), 'completed'],
    ] as const) {
      made.say('Do it.');
      made.hear(tool('one'), end(turnEnded(how)), toolEnd('one'));
      expect(works(made)).toEqual([]);
    }
  });
});
