import { expect, test } from 'vitest';
import { ended, NOW, pending } from '../../../test/support/world/world.ts';
import type { RunId, Spent, Task, TaskId } from '../model/task.ts';
import { type Attempt, choiceWords, inRank } from './compare.ts';

interface Made {
  readonly ok?: boolean;
  readonly lines?: number;
  readonly spent?: Spent;
}

function attempt(name: string, { ok, lines, spent }: Made): Attempt {
  const id = `gh-12.${name}` as TaskId;
  const run = `w-${Buffer.from(name).toString('hex').slice(0, 6).padStart(6, '0')}` as RunId;
  const settlement = {
    outcome: { kind: 'done' as const },
    inspection: {
      head: 'a'.repeat(40),
      commits: 1,
      dirty: false,
      question: null,
      files: { names: ['a'], count: 1 },
      ...(lines && { lines }),
    },
    ...(ok === undefined ? {} : { verified: { ok, output: '' } }),
  };
  const task: Task = { ...pending(id), ...{ state: 'completed', run, at: NOW, commit: null }, ...(spent && { spent }) };
  return { task, run: ended(run, id, { settlement }) };
}

const costs = (usd: number, more: Partial<Spent> = {}): Spent => ({ tokens: 100, usd, ...more });

test.each<[string, Readonly<Record<string, Made>>, readonly string[]]>([
  [
    'what pulls.verify found green, before the smaller change',
    { red: { ok: false, lines: 1 }, green: { ok: true, lines: 90 } },
    ['green', 'red'],
  ],
  ['what was checked, before what was not', { not: { lines: 1 }, green: { ok: true, lines: 90 } }, ['green', 'not']],
  [
    'the smaller change, before the cheaper one',
    { cheap: { lines: 9, spent: costs(1) }, small: { lines: 3, spent: costs(5) } },
    ['small', 'cheap'],
  ],
  ['the cheaper one of two alike', { dear: { lines: 3, spent: costs(5) }, cheap: { lines: 3, spent: costs(1) } }, ['cheap', 'dear']],
  ['the one named first, where one cost is not known', { first: { lines: 3 }, second: { lines: 3, spent: costs(1) } }, ['first', 'second']],
  [
    'the one named first, where one cost is known in part',
    { first: { lines: 3, spent: costs(5) }, second: { lines: 3, spent: costs(1, { tokensUnpriced: 50 }) } },
    ['first', 'second'],
  ],
  ['the one named first of two alike', { first: { lines: 3 }, second: { lines: 3 } }, ['first', 'second']],
])('of several attempts comes first %s', (_, made, order) => {
  const attempts = Object.entries(made).map(([name, one]) => attempt(name, one));
  expect(inRank(attempts).map(({ task }) => task.id)).toEqual(order.map((name) => `gh-12.${name}`));
});

test('what became of the others, and where their work is, is said with the choice', () => {
  const [winner, other] = [
    attempt('codex', { ok: true, lines: 3, spent: costs(0.2, { usdEstimated: 0.2 }) }),
    attempt('claude', { ok: false, lines: 1 }),
  ];
  expect(choiceWords(winner, [other])).toBe(
    `gh-12.codex: pulls.verify passed, 1 file, 3 lines, ≈ $0.20; not chosen: gh-12.claude: pulls.verify failed, 1 file, 1 line (kept: refs/heads/${other.task.branch} at aaaaaaa)`,
  );
});
