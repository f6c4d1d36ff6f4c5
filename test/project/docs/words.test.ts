import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CLAUDE } from '../../../src/agents/claude/abilities.ts';
import { hintOf, hintTable } from '../../../src/core/advice/hints.ts';
import { FAILURE_TYPES } from '../../../src/core/model/failure.ts';
import { EMPTY_STREAM, type Inspection } from '../../../src/core/model/run.ts';
import { classify } from '../../../src/core/settle/classify.ts';
import { besidesOf } from '../../../src/core/words/left-words.ts';
import { boardSentences } from '../../simulation/judge/words/board-words.ts';
import { fleetSentences, runSentences } from '../../simulation/judge/words/fleet-words.ts';
import { waitingSentences } from '../../simulation/judge/words/waiting-words.ts';
import { whySentences } from '../../simulation/judge/words/why-words.ts';
import type { Stage } from '../../simulation/stage.ts';
import { textsIn, VALUE } from '../../support/text/texts-in.ts';

/** docs/words.md has every sentence that the core can say about a task, and none that it cannot. */

const text = readFileSync(join(import.meta.dirname, '../../../docs/words.md'), 'utf8');

/** The rows of each section's table as patterns. */
const sections = new Map(
  text.split(/^## /m).map((section) => {
    const [title = '', ...lines] = section.split('\n');
    const rows = lines.flatMap((line) => /^\| (?!sentence \||-)(.*?) \| .+ \|$/.exec(line)?.[1] ?? []);
    return [title, rows] as const;
  }),
);

const patternOf = (row: string): RegExp =>
  new RegExp(
    `^${row
      .split('…')
      .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('[^]*')}$`,
  );

/** Every sentence is in the section, and every row of it is said. */
function hold(title: string, said: Iterable<string>): void {
  const rows = sections.get(title) ?? [];
  const sentences = [...new Set(said)];
  expect(sentences.length).toBeGreaterThan(0);
  expect(sentences.filter((sentence) => !rows.some((row) => patternOf(row).test(sentence)))).toEqual([]);
  expect(rows.filter((row) => !sentences.some((sentence) => patternOf(row).test(sentence)))).toEqual([]);
}

const LEFT = [undefined, { names: ['a.txt'], count: 1 }, { names: ['a.txt', 'b.txt'], count: 30 }];
const HEAD = 'f'.repeat(40);
const ELSEWHERE = [undefined, [{ branch: 'feature', head: HEAD }], [{ branch: null, head: HEAD }]];

/** Everything that may be there after a run. */
const inspections: readonly Inspection[] = [0, 1, 2].flatMap((commits) =>
  [true, false].flatMap((changed) =>
    LEFT.flatMap((left) =>
      ELSEWHERE.flatMap((elsewhere) =>
        [left !== undefined, true].map((dirty) => ({
          ...{ head: HEAD, commits, changed, dirty, question: null },
          ...(left === undefined ? {} : { left }),
          ...(elsewhere === undefined ? {} : { elsewhere }),
        })),
      ),
    ),
  ),
);
const result = { end: 'completed', isError: false, subtype: '', terminalReason: null, apiErrorStatus: null, text: 'Done.', at: 1 } as const;
const CASES = [
  { background: [] },
  { background: ['npm test'] },
  { background: [], commitRefused: 'a hook of the repository refused it (husky)' },
];
const outcomes = inspections.flatMap((inspection) =>
  CASES.map(({ commitRefused, background }) => {
    const stream = { ...EMPTY_STREAM, events: 1, result, background, ...(commitRefused === undefined ? {} : { commitRefused }) };
    const evidence = { exit: { code: 0, at: 1 }, cause: null, can: CLAUDE, rebooted: false, failedStart: null, stream, inspection };
    return { inspection, background, outcome: classify(evidence, 1) };
  }),
);

describe('docs/words.md has', () => {
  test('how a run ended without work to deliver', () => {
    hold(
      'How a run ended without work to deliver',
      outcomes.flatMap(({ outcome }) => (outcome.kind === 'failed' ? [outcome.failure.message] : [])),
    );
  });

  test('what is said beside finished work', () => {
    hold(
      'Beside finished work',
      [
        ...inspections.map((inspection) => ({ inspection })),
        { outcome: { kind: 'done', unfinished: ['bg'] }, saved: { ref: null, commit: null, incomplete: 'a: Permission denied' } } as const,
      ].flatMap(besidesOf),
    );
  });

  test('the hints', () => {
    const said = FAILURE_TYPES.flatMap((type) =>
      Object.keys(hintTable[type]).flatMap((cause) =>
        [true, false].flatMap((failed) => [hintOf({ type, cause }, { failed }), hintOf({ type, cause, afresh: true }, { failed })]),
      ),
    );
    hold('Hints', said);
  });

  // The simulation's judge has a pattern and its evidence for each: what it does not know is a violation there.
  const nobody = {} as Stage;
  const JUDGED = [
    ['Why a task waits', waitingSentences(nobody)],
    ['What `why` says besides', whySentences(nobody)],
    ['Of what is no task', whySentences(nobody)],
    ['On the board', boardSentences(nobody)],
    ['Above all tasks', fleetSentences(nobody)],
    ['Of a task at work', runSentences(nobody)],
  ] as const;
  test.each(JUDGED)('what the judge knows: %s', (title, judged) => {
    const rows = sections.get(title) ?? [];
    expect(rows.filter((row) => !judged.some(({ pattern }) => pattern.test(row)))).toEqual([]);
  });

  test('all that the judge knows', () => {
    const rows = JUDGED.flatMap(([title]) => sections.get(title) ?? []);
    const said = [...rows, ...rows.map((row) => `Note: ${row}`)];
    const known = JUDGED.flatMap(([, judged]) => judged.map(({ pattern }) => pattern));
    expect(known.filter((pattern) => !said.some((row) => pattern.test(row)))).toEqual([]);
  });

  const SAID = [
    ...['gates', 'dependencies', 'issue-claim', 'open-pulls', 'race-gates', 'strays'].map((name) => `core/start/${name}`),
    ...['explain', 'explain-run', 'issue-words'].map((name) => `core/explain/${name}`),
    ...['core/review/evidence', 'core/review/pull-text', 'core/voices/approval', 'core/settle/no-work', 'read/status', 'inquiry/why'],
    ...['read/warnings', 'cli/fleet/run-words'],
    ...['pull-form', 'held-words', 'left-behind', 'left-words'].map((name) => `core/words/${name}`),
  ];
  /** For other programs, and for the history, which tells what was decided. */
  const NO_SENTENCE =
    /^(?:<!-- tac8:|tac8 claims issues\n|every issue that it depended on is closed$|.*, though the database does not know it: taken up$)/s;

  /** On one line, without what makes it an item of a list. */
  const plain = (one: string): string => one.replace(/\s+/g, ' ').replace(/^ ?[-·] /, '');

  test.each(SAID)('every text in src/%s.ts', (path) => {
    const source = readFileSync(join(import.meta.dirname, `../../../src/${path}.ts`), 'utf8');
    const texts = textsIn(source).filter((one) => /[a-z’]{2,} [a-z]/i.test(one) && plain(one).length > 9 && !NO_SENTENCE.test(one));
    expect(texts.length).toBeGreaterThan(0);
    const rows = [...sections.values()].flat();
    const isThere = (one: string): boolean => {
      const parts = plain(one)
        .split(VALUE)
        .map((part) => part.trim().replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
      return rows.some((row) => new RegExp(parts.join('.*')).test(row));
    };
    expect(texts.filter((one) => !isThere(one))).toEqual([]);
  });

  test('and a text that is new is found', () => {
    const value = '$' + '{';
    const source = `const a = \`it waits for ${value}b.map((c) => \`${value}c}'s\`).join(', ')} days\`; // 'no'\nuse('the moon is full');`;
    expect(textsIn(source)).toEqual([`${VALUE}'s`, ', ', `it waits for ${VALUE} days`, 'the moon is full']);
  });

  test('and each sentence about work is true of what is there', () => {
    for (const { inspection, background, outcome } of outcomes) {
      const { commits, changed, left, elsewhere = [] } = inspection;
      const words = outcome.kind === 'failed' ? outcome.failure.message : '';
      // Done is said of a change alone, and a change is never called none.
      expect(outcome.kind === 'done').toBe(commits > 0 && changed === true);
      if (words.startsWith('no change made: no commit')) expect([commits, left, elsewhere]).toEqual([0, undefined, []]);
      if (words.includes('no change made')) expect(commits === 0 || changed === false).toBe(true);
      if (outcome.kind === 'failed' && left !== undefined) expect(words).toContain('a.txt');
      // What was cut off is never passed over.
      if (background.length > 0) expect(outcome.kind === 'done' ? besidesOf({ outcome }).join() : words).toContain('was cut off: npm test');
      if (elsewhere.some(({ branch }) => branch !== null) && outcome.kind === 'failed') expect(words).toContain('feature');
    }
  });
});
