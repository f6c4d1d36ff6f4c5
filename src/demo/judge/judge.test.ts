import { describe, expect, it } from 'vitest';
import type { TaskId } from '../../core/model/task.ts';
import type { JournalEntry } from '../agent/journal.ts';
import type { FateName } from '../ground/fates.ts';
import type { CommitSeen, Evidence } from './evidence.ts';
import { judge } from './judge.ts';
import { mostAtOnce } from './judge-fleet.ts';

/*
 * A demo in which everything came out as it should, and then one thing at a time that did not: the judge has to see each.
 */

const TASKS = new Map<FateName, TaskId>([
  ['stopped', 'gh-1'],
  ['retry', 'gh-2'],
  ['success', 'gh-3'],
  ['question', 'gh-4'],
  ['unlabelled', 'gh-5'],
  ['background', 'gh-6'],
  ['outsider', 'gh-7'],
  ['local', 'local-1'],
]);

type Kind = JournalEntry['kind'];
const journal = (run: string, task: string, at: number, ...steps: readonly (readonly [Kind, string])[]): [string, JournalEntry[]] => [
  run,
  steps.map(([kind, text], i) => ({ seq: i + 1, at: at + i, kind, run, task, text })),
];
const life = (run: string, task: string, at: number) => ({ run, task, bornBy: at, lastSeen: at + 10, goneBy: at + 20 });
const commit = (id: string, run: string, ...files: string[]): CommitSeen => ({ id, subject: 'x', run, files });
const pull = (number: number, task: string, head: string) => ({
  number,
  author: 'tac8-bot',
  body: `Closes #${task.slice(3)}\n\nmore`,
  branch: `auto/${task}`,
  head,
  base: 'main',
});
const comment = (issue: number, body: string) => ({ issue, author: 'tac8-bot', body });

const BOARD = `## Pending

## Active (max 3)

## Completed Today
[✅ 6a, w-6] gh-6: f
- PR: #10
[✅ 7a, w-7] local-1: g
[✅ 3a, w-3] gh-3: c
[✅ 2a, w-2] gh-2: b
- PR: #9

## Failed
[❌ w-5] gh-5: e
- Reason: label removed or issue closed
[❌ w-1] gh-1: a
- Reason: STOP file

## Blocked
[⏰ w-4] gh-4: d
- Question: SQLite or PostgreSQL?
`;

function good(): Evidence {
  const done = (id: string): readonly (readonly [Kind, string])[] => [
    ['start', ''],
    ['commit', id],
    ['end', 'done'],
  ];
  const pushed = new Map([
    ['auto/gh-2', [commit('2a', 'w-2', 'src/price.mjs', 'test/run.mjs')]],
    ['auto/gh-3', [commit('3a', 'w-3', 'src/logs/requests.mjs', 'logs/readme.txt')]],
    ['auto/gh-6', [commit('6a', 'w-6', 'examples/catalogue.json')]],
    ['auto/local-1', [commit('7a', 'w-7', 'examples/README.md')]],
  ]);
  const lives = [
    life('w-1', 'gh-1', 1000),
    life('w-0', 'gh-2', 1000),
    life('w-3', 'gh-3', 1000),
    life('w-2', 'gh-2', 2000),
    life('w-4', 'gh-4', 2000),
    life('w-5', 'gh-5', 2000),
    life('w-6', 'gh-6', 3000),
    life('w-7', 'local-1', 3000),
  ];
  return {
    scripted: true,
    slots: 3,
    tasks: TASKS,
    acts: [
      { fate: 'stopped', what: 'STOP', at: 1005 },
      { fate: 'unlabelled', what: 'label', at: 2005 },
      { fate: 'local', what: 'line', at: 900 },
    ],
    lives,
    peak: 3,
    journals: new Map([
      journal('w-1', 'gh-1', 1000, ['start', ''], ['wrote', 'NOTES.md'], ['end', 'interrupted']),
      journal('w-0', 'gh-2', 1000, ['start', ''], ['crash', '']),
      journal('w-3', 'gh-3', 1000, ...done('3a')),
      journal('w-2', 'gh-2', 2000, ...done('2a')),
      journal('w-4', 'gh-4', 2000, ['start', ''], ['end', 'done']),
      journal('w-5', 'gh-5', 2000, ['start', ''], ['interrupt', 'not obeyed']),
      journal('w-6', 'gh-6', 3000, ['start', ''], ['left-behind', ''], ['commit', '6a'], ['end', 'done']),
      journal('w-7', 'local-1', 3000, ...done('7a')),
    ]),
    pulls: [pull(8, 'gh-3', '3a'), pull(9, 'gh-2', '2a'), pull(10, 'gh-6', '6a')],
    comments: [
      comment(1, 'Not done: **stopped**.'),
      comment(2, 'Done: pull request #9 is open for review.'),
      comment(3, 'Done: pull request #8 is open for review.'),
      comment(4, 'This question needs an answer before the work can go on:\n\n> SQLite or PostgreSQL?'),
      comment(5, 'Not done: **cancelled**.'),
      comment(6, 'Done: pull request #10 is open for review.'),
    ],
    posts: [
      ...['/repos/acme/widgets/pulls', '/repos/acme/widgets/pulls', '/repos/acme/widgets/pulls'],
      ...[1, 2, 3, 4, 5, 6].map((issue) => `/repos/acme/widgets/issues/${issue}/comments`),
    ],
    pushed,
    kept: new Map([
      ['NOTES.md', ['Written by w-1']],
      ['IDEAS.md', ['Written by w-5']],
      ['src/price.mjs', ['in whole cents: (cents']],
    ]),
    dirt: '',
    board: BOARD,
    metrics: JSON.stringify({
      workers_launched: 8,
      workers_completed: 5,
      workers_failed: 3,
      worktree_errors: 0,
      prs_created: 3,
      last_update: '2026-11-22T14:03:11.000Z',
      health: 'ok',
    }),
    logs: lives.flatMap(({ run, task }) => [
      { name: `${task}.${run}.jsonl`, link: false, lines: 3, broken: 0 },
      { name: `${task}.jsonl`, link: true, lines: 3, broken: 0 },
    ]),
  };
}

const failedOf = (evidence: Evidence): string[] => judge(evidence).flatMap((verdict) => (verdict.ok ? [] : [verdict.name]));
const without = <K, V>(map: ReadonlyMap<K, V>, key: K): ReadonlyMap<K, V> => new Map([...map].filter(([one]) => one !== key));
const swap = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map([...map, [key, value]]);
const reborn = (evidence: Evidence, run: string, change: object) =>
  evidence.lives.map((one) => (one.run === run ? { ...one, ...change } : one));

describe('judge', () => {
  it('finds nothing where all is as it should be', () => {
    const verdicts = judge(good());
    expect(verdicts.flatMap(({ checks }) => checks.filter((check) => !check.ok))).toEqual([]);
    expect(verdicts.map(({ name }) => name)).toEqual([...TASKS.keys(), 'fleet']);
  });

  const g = good();
  it.each<[string, string[], Partial<Evidence>]>([
    ['a pull that closes nothing', ['success'], { pulls: g.pulls.map((one) => (one.number === 8 ? { ...one, body: 'see #3' } : one)) }],
    [
      'a pull that closes another issue',
      ['success'],
      { pulls: g.pulls.map((one) => (one.number === 8 ? { ...one, body: 'Closes #33' } : one)) },
    ],
    ['a pull by somebody else', ['success'], { pulls: g.pulls.map((one) => (one.number === 8 ? { ...one, author: 'mara' } : one)) }],
    ['a pull that is behind its branch', ['success'], { pulls: g.pulls.map((one) => (one.number === 8 ? { ...one, head: 'old' } : one)) }],
    ['no pull', ['success', 'fleet', 'retry', 'background'], { pulls: g.pulls.slice(1) }],
    ['two comments', ['success'], { comments: [...g.comments, comment(3, 'Done: pull request #8')] }],
    ['a comment that was posted twice and removed', ['question'], { posts: [...g.posts, '/repos/acme/widgets/issues/4/comments'] }],
    ['a comment to the outsider', ['outsider'], { comments: [...g.comments, comment(7, 'No.')] }],
    ['a commit that no agent made', ['local'], { pushed: swap(g.pushed, 'auto/local-1', [commit('7a', 'w-7'), commit('zz', '')]) }],
    ['a commit without its trailer', ['local'], { pushed: swap(g.pushed, 'auto/local-1', [commit('7a', '')]) }],
    [
      'tac8’s own file in a branch',
      ['background'],
      { pushed: swap(g.pushed, 'auto/gh-6', [commit('6a', 'w-6', 'examples/catalogue.json', 'STOP')]) },
    ],
    ['the outsider’s agent', ['outsider', 'fleet'], { lives: [...g.lives, life('w-9', 'gh-7', 1)] }],
    ['the outsider’s branch', ['outsider'], { pushed: swap(g.pushed, 'auto/gh-7', [commit('99', '')]) }],
    ['one attempt in place of two', ['retry', 'fleet'], { journals: without(g.journals, 'w-0') }],
    ['lost work of a crash', ['retry'], { kept: swap(g.kept, 'src/price.mjs', ['Math.round in whole cents']) }],
    ['lost work of a stop', ['stopped'], { kept: swap(g.kept, 'NOTES.md', []) }],
    ['work of another run in its place', ['unlabelled'], { kept: swap(g.kept, 'IDEAS.md', ['Written by w-1']) }],
    ['a stopped one that goes on', ['stopped'], { lives: reborn(g, 'w-1', { goneBy: null }) }],
    ['a stopped one that takes its time', ['stopped'], { lives: reborn(g, 'w-1', { goneBy: 1005 + 60_000 }) }],
    ['a stopped one that ended before', ['stopped'], { lives: reborn(g, 'w-1', { goneBy: 1001 }) }],
    ['a process left behind', ['background'], { lives: reborn(g, 'w-6', { goneBy: null }) }],
    ['a person who never got to act', ['unlabelled'], { acts: g.acts.filter((act) => act.fate !== 'unlabelled') }],
    ['a board that says something else', ['question'], { board: g.board.replace('[⏰ w-4]', '[🟡 w-4]') }],
    ['a board without the reason', ['stopped'], { board: g.board.replace('- Reason: STOP file\n', '') }],
    ['too many at once, by /proc', ['fleet'], { peak: 4 }],
    ['slots that were never full', ['fleet'], { slots: 4 }],
    [
      'a lost line of a journal',
      ['fleet'],
      {
        journals: swap(
          g.journals,
          'w-4',
          (g.journals.get('w-4') ?? []).map((one) => ({ ...one, seq: one.seq + 1 })),
        ),
      },
    ],
    ['a metric of another name', ['fleet'], { metrics: g.metrics.replace('prs_created', 'prs') }],
    ['a metric that is wrong', ['fleet'], { metrics: g.metrics.replace('"workers_launched":8', '"workers_launched":7') }],
    ['no metrics', ['fleet'], { metrics: '' }],
    ['half a line in a log', ['fleet'], { logs: g.logs.map((log) => ({ ...log, broken: 1 })) }],
    ['no log', ['fleet'], { logs: g.logs.slice(1) }],
    ['files of tac8 in git status', ['fleet'], { dirt: '?? logs/' }],
  ])('sees %s', (_what, names, change) => {
    expect(failedOf({ ...g, ...change })).toEqual(expect.arrayContaining(names));
    if (names.length === 1) expect(failedOf({ ...g, ...change })).toEqual(names);
  });
});

describe('mostAtOnce', () => {
  const spans = (...all: readonly (readonly [number, number | null])[]) =>
    new Map(
      all.map(([start, end], i) => {
        const steps = [{ seq: 1, at: start, kind: 'start' as const, run: `w-${i}`, task: '', text: '' }];
        return [`w-${i}`, end === null ? steps : [...steps, { seq: 2, at: end, kind: 'end' as const, run: `w-${i}`, task: '', text: '' }]];
      }),
    );

  it.each<[number, readonly (readonly [number, number | null])[]]>([
    [0, []],
    [
      1,
      [
        [0, 5],
        [5, 9],
      ],
    ],
    [
      2,
      [
        [0, 5],
        [4, 9],
      ],
    ],
    [
      3,
      [
        [0, 9],
        [1, 3],
        [2, 4],
        [5, 8],
      ],
    ],
  ])('counts %i', (most, all) => {
    expect(mostAtOnce(spans(...all), [])).toBe(most);
  });

  it('takes a killed agent as alive for as long as it was seen', () => {
    expect(mostAtOnce(spans([0, null], [5, 6]), [{ run: 'w-0', task: 'gh-1', bornBy: 0, lastSeen: 6, goneBy: 7 }])).toBe(2);
    expect(mostAtOnce(spans([0, null], [5, 6]), [{ run: 'w-0', task: 'gh-1', bornBy: 0, lastSeen: 4, goneBy: 7 }])).toBe(1);
  });
});
