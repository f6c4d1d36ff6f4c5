import { expect, test } from 'vitest';
import { emptyContents, openMemoryStore } from '../../../adapters/store/memory.ts';
import { unknownTask } from '../../../core/model/task.ts';
import { PortError } from '../../ports/error.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import { watchOrders } from './order-watch.ts';

const signal = new AbortController().signal;
const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** Somebody asks why under issue 1. What GitHub does with each write is said by the test: null is done, an error not, `lost` done unheard. */
function world(fates: (PortError | 'lost' | null)[]) {
  const contents = emptyContents();
  const store = openMemoryStore(contents);
  store.commit({ tasks: [{ next: unknownTask('gh-1', 'auto/'), expected: null }] });
  const [reactions, comments] = [new Set<number>(), new Set<string>()];
  const meet = async <T>(write: () => T): Promise<T> => {
    const fate = fates.shift() ?? null;
    if (fate !== null && fate !== 'lost') throw fate;
    const value = write();
    if (fate === 'lost') throw new PortError('retryable', 'no answer');
    return value;
  };
  const begin = () =>
    watchOrders({
      ...{ store, log, clock: { now: () => 5_000 } as Clock, wanted: () => true, mayAnswer: () => true, taskOfPull: () => null },
      forge: {
        orders: async () => [{ id: 7, issue: 1, author: 'wil', at: 6_000, body: '/tac8 why' }],
        acknowledge: (comment) => meet(() => void reactions.add(comment)),
        comment: (_, marker) =>
          meet(() => {
            const posted = !comments.has(marker);
            comments.add(marker);
            return { url: '', posted };
          }),
      },
      texts: { shown: async (text) => ({ text, left: 0, taken: [], plain: null }), prose: async (text) => text },
      hear: () => expect.unreachable('nothing is ordered'),
      approve: () => expect.unreachable('nothing is approved'),
      why: () => 'Because.',
    });
  return { begin, reactions, comments, owed: () => store.fact('spoken')?.owed };
}

const down = new PortError('retryable', 'GitHub is down');
const gone = new PortError('terminal', 'the comment is gone');
test.each([
  ['nothing goes wrong', [], 1, 1, 1],
  ['the reaction fails', [down], 2, 1, 1],
  ['the answer fails', [null, down, down], 3, 1, 1],
  ['the answer to the answer is lost', [null, 'lost'], 2, 1, 1],
  ['the comment is deleted meanwhile', [gone], 1, 0, 1],
  ['the issue takes no comments', [null, gone], 1, 1, 0],
] as const)('%s: heard once, answered once, and then nothing is owed', async (_, fates, looks, reacted, answered) => {
  const { begin, reactions, comments, owed } = world([...fates]);
  // Each look is by another daemon: the one before was killed, or began anew.
  for (let n = 0; n < looks; n += 1) await begin().hear(signal);
  expect([reactions.size, comments.size, owed()]).toEqual([reacted, answered, []]);
  await begin().hear(signal);
  expect([reactions.size, comments.size]).toEqual([reacted, answered]);
});
