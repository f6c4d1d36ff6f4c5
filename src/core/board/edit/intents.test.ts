import { describe, expect, it } from 'vitest';
import { edited, line, moveUnder, noVersions, viewOf, written } from '../../../../test/board/lines.ts';
import { takeIn } from './take.ts';

const board = viewOf(
  line('gh-1', 'pending', { priority: 1 }),
  line('gh-2', 'pending'),
  line('gh-3', 'pending'),
  line('local-1', 'pending'),
  line('gh-4', 'active'),
  line('gh-5', 'completed'),
  line('gh-6', 'failed'),
  line('gh-7', 'blocked', { details: [{ key: 'Question', value: 'SQLite or Postgres?' }] }),
);
const active = /\[🟡.*gh-4: Title 4\n- PID.*\n/;
const failed = /\[❌.*gh-6: Title 6\n- Reason.*\n/;
const blank = (text: string) => text.replace(/\[[^\]]*\]/, '[]');

describe('after a lost database', () => {
  /** The board as the earlier database left it, read for the first time. */
  const stood = takeIn({ text: null }, written(board).text, noVersions).base;
  const after = (edit: (text: string) => string) => takeIn(stood, edit(stood.text ?? ''), noVersions).intents;

  it.each<[string, (text: string) => string, object]>([
    ['a failed one', (t) => moveUnder(t, 'Pending', failed, blank), { kind: 'add', number: 6, title: 'Title 6' }],
    ['a failed one, by an empty box', (t) => t.replace('[❌ w-000006]', '[ ]'), { kind: 'add', number: 6, title: 'Title 6' }],
    ['one that ran when it was lost', (t) => moveUnder(t, 'Pending', active, blank), { kind: 'add', number: 4, title: 'Title 4' }],
    [
      'a local one',
      (t) => t.replace('## Pending\n', '## Pending\n[] local-9: Old\n'),
      { kind: 'add', number: null, task: 'local-9', title: 'Old' },
    ],
  ])('%s is a new task once a person puts it back under Pending', (_, edit, intent) => expect(after(edit)).toMatchObject([intent]));

  it('one that ran when it was lost, and that a person marked as failed before the daemon came up again, is cancelled', () => {
    const text = written(board).text.replace('🟡 w-000004, trees/gh-4', '❌');
    const { intents } = takeIn({ text: null }, text, noVersions);
    expect(intents.filter(({ kind }) => kind !== 'add')).toMatchObject([{ kind: 'cancel', task: 'gh-4' }]);
  });

  it('what waits stays as it is', () => {
    expect(after((t) => t.replace('Title 2', 'A better title'))).toMatchObject([{ kind: 'retitle', task: 'gh-2' }]);
    expect(after((t) => `${t}\nDear team,\n`)).toEqual([]);
  });
});

describe('what a person may do', () => {
  it.each<[string, (text: string) => string, readonly object[]]>([
    ['nothing', (text) => text, []],
    [
      'add a line',
      (t) => t.replace('## Pending\n', '## Pending\n[] Tidy up {p0}\n'),
      [{ kind: 'add', key: '[] Tidy up {p0}#0', number: null, title: 'Tidy up', priority: 0, line: 5 }],
    ],
    [
      'add an issue',
      (t) => t.replace('## Pending\n', '## Pending\n- [ ] gh-99: Look\n'),
      [{ kind: 'add', key: 'gh-99', number: 99, title: 'Look', priority: 2, line: 5 }],
    ],
    [
      'put a local task back',
      (t) => t.replace('## Pending\n', '## Pending\n[] local-9: Old\n'),
      [{ kind: 'add', key: 'local-9', number: null, task: 'local-9', title: 'Old', priority: 2, line: 5 }],
    ],
    [
      'add a line that is cancelled from the beginning',
      (t) => t.replace('## Pending\n', '## Pending\n[❌] gh-99: Look\n- Reason: not this one\n'),
      [{ kind: 'cancel', task: 'gh-99', reason: 'not this one', line: 5 }],
    ],
    [
      'add it without a reason: its title is none',
      (t) => t.replace('## Pending\n', '## Pending\n[❌] gh-99: Look\n'),
      [{ kind: 'cancel', task: 'gh-99', reason: null, line: 5 }],
    ],
    ['change a priority', (t) => t.replace('Title 1 {p1}', 'Title 1 {p0}'), [{ kind: 'priority', task: 'gh-1', priority: 0, line: 5 }]],
    ['drop a priority: 2 it is', (t) => t.replace(' {p1}', ''), [{ kind: 'priority', task: 'gh-1', priority: 2, line: 5 }]],
    [
      'give a task that runs a priority, also the one that a waiting line without a tag has',
      (t) => t.replace('gh-4: Title 4', 'gh-4: Title 4 {p2}').replace('gh-6: Title 6', 'gh-6: Title 6 {p0}'),
      [
        { kind: 'priority', task: 'gh-4', priority: 2, line: 11 },
        { kind: 'priority', task: 'gh-6', priority: 0, line: 18 },
      ],
    ],
    ['reorder', (t) => t.replace(/(.*gh-1:.*\n)(.*gh-2:.*\n)/, '$2$1'), [{ kind: 'order', tasks: ['gh-2', 'gh-1', 'gh-3', 'local-1'] }]],
    ['retitle', (t) => t.replace('Title 2', 'A better title'), [{ kind: 'retitle', task: 'gh-2', title: 'A better title', line: 6 }]],
    ['delete a pending line', (t) => t.replace(/.*gh-2:.*\n/, ''), [{ kind: 'remove', task: 'gh-2' }]],
    ['tick a pending line off', (t) => t.replace('[] gh-2', '[x] gh-2'), [{ kind: 'remove', task: 'gh-2' }]],
    ['park a pending line', (t) => `${t.replace(/.*gh-2:.*\n/, '')}\n## Later\n[] gh-2: Title 2\n`, [{ kind: 'remove', task: 'gh-2' }]],
    [
      'move the active line to Failed',
      (t) => moveUnder(t, 'Failed', active, (l) => `${l}- Reason: not needed\n`),
      [{ kind: 'cancel', task: 'gh-4', reason: 'not needed', line: 16 }],
    ],
    ['move it without a reason', (t) => moveUnder(t, 'Failed', active), [{ kind: 'cancel', task: 'gh-4', reason: null, line: 16 }]],
    ['mark it', (t) => t.replace('🟡 w-000004, trees/gh-4', '❌'), [{ kind: 'cancel', task: 'gh-4', reason: null, line: 11 }]],
    [
      'the earlier form: the words are the reason',
      (t) => t.replace('[🟡 w-000004, trees/gh-4] gh-4: Title 4', '[❌ w-000004] gh-4: User cancelled'),
      [{ kind: 'cancel', task: 'gh-4', reason: 'User cancelled', line: 11 }],
    ],
    ['mark a pending line', (t) => t.replace('[] gh-2', '[❌] gh-2'), [{ kind: 'cancel', task: 'gh-2', reason: null, line: 6 }]],
    [
      'move a pending line to Failed',
      (t) => moveUnder(t, 'Failed', /.*gh-2:.*\n/),
      [{ kind: 'cancel', task: 'gh-2', reason: null, line: 17 }],
    ],
    ['retry: back under Pending', (t) => moveUnder(t, 'Pending', failed, blank), [{ kind: 'retry', task: 'gh-6', line: 5 }]],
    ['retry: an empty box where it stands', (t) => t.replace('[❌ w-000006]', '[ ]'), [{ kind: 'retry', task: 'gh-6', line: 18 }]],
    [
      'answer: a blocked line back under Pending',
      (t) => moveUnder(t, 'Pending', /\[⏰.*\n- Q.*\n/, blank),
      [{ kind: 'retry', task: 'gh-7', line: 5 }],
    ],
    ['do a completed one again', (t) => moveUnder(t, 'Pending', /\[✅.*\n/, blank), [{ kind: 'retry', task: 'gh-5', line: 5 }]],
    ['clear a failed line away', (t) => t.replace(failed, ''), [{ kind: 'remove', task: 'gh-6' }]],
  ])('%s', (_, edit, intents) => expect(edited(board, edit)).toMatchObject({ intents, hold: null }));

  it.each<[string, (text: string) => string]>([
    ['delete the active line', (t) => t.replace(active, '')],
    ['move the active line to Pending', (t) => moveUnder(t, 'Pending', active, blank)],
    ['move a failed line to Pending and leave its mark', (t) => moveUnder(t, 'Pending', failed)],
    ['fail a completed line', (t) => t.replace('✅ a1b2c3d, w-000005', '❌')],
    ['write below a task', (t) => t.replace(/(.*gh-1:.*\n)/, '$1- remember the tests\n  and the docs\n')],
    ['write anywhere', (t) => `Dear team,\n${t}\n## Later\n[] an idea\n\n| a | b |\n`],
    ['turn all line endings', (t) => t.replaceAll('\n', '\r\n')],
    ['copy a line: it says two things', (t) => t.replace('## Failed\n', '## Failed\n[❌] gh-4: Title 4\n')],
    ['delete a heading', (t) => t.replace('## Failed\n', '')],
    ['delete a section with its line', (t) => t.replace(/## Failed\n[^#]*/, '')],
    ['delete the Pending heading', (t) => t.replace('## Pending\n', '')],
    ['tick off an active line', (t) => t.replace('🟡 w-000004, trees/gh-4', 'x')],
    ['put sections in another order', (t) => `${t.replace(/## Pending\n[^#]*/, '')}\n${/## Pending\n[^#]*/.exec(t)?.[0]}`],
    ['put a heading into another language', (t) => t.replace('## Pending', '## Ausstehend')],
    [
      'put every heading into another language',
      (t) => t.replace('## Pending', '## 待处理').replace('## Active (max 3)', '## 进行中').replace('## Failed', '## 失败'),
    ],
  ])('%s asks for nothing', (_, edit) => expect(edited(board, edit)).toMatchObject({ intents: [], hold: null }));

  it('takes a reason word for word, also one in many words', () => {
    const reason = 'not needed: "see" <gh-9>, {p1} — ✔ done by hand';
    const { intents } = edited(board, (t) => moveUnder(t, 'Failed', active, (l) => `${l}- Reason: ${reason}\n`));
    expect(intents).toMatchObject([{ kind: 'cancel', reason }]);
  });

  it('keeps the lines of a renamed section where they are', () => {
    const taken = edited(board, (t) => t.replace('## Pending', '## Ausstehend'));
    const { text } = written(board, taken.base, taken.text);
    expect(text).toContain('## Ausstehend\n[] gh-1');
    expect(text).not.toContain('## Pending');
  });
});

describe('what is held', () => {
  const many = viewOf(...Array.from({ length: 12 }, (_, at) => line(`gh-${at + 1}`, 'pending')));
  it.each<[string, string, (text: string) => string]>([
    ['an empty file', 'empty', () => ''],
    ['a file of blank lines', 'empty', () => '\n\n  \n'],
    ['a truncated save', 'removal', (t) => t.slice(0, t.indexOf('gh-6'))],
    ['four of twelve tasks gone', 'removal', (t) => t.replace(/.*gh-(2|3|4|5): .*\n/g, '')],
    [
      'markers of a merge',
      'conflict',
      (t) => t.replace('[] gh-2', '<<<<<<< HEAD\n[] gh-2').replace('[] gh-3', '=======\n[] gh-2: x\n>>>>>>> other\n[] gh-3'),
    ],
    ['zero bytes', 'not-text', (t) => `${t}\u0000`],
    [
      'an unknown older board with other tasks',
      'old-version',
      (t) => t.replace(/2026-11-22 \S+/, '2026-10-01 00:00:00').replace('[] gh-2', '[❌] gh-2'),
    ],
  ])('%s', (_, kind, edit) => {
    const taken = edited(many, edit);
    expect(taken.hold?.kind).toBe(kind);
    expect(taken.intents).toEqual([]);
    expect(taken.problems[0]).toMatchObject({ line: 0 });
    expect(() => written(many, taken.base, taken.text)).toThrow('held');
  });

  it('lets three lines go, and many that only move or change', () => {
    expect(edited(many, (t) => t.replace(/.*gh-(2|3|4): .*\n/g, '')).intents).toHaveLength(3);
    expect(edited(many, (t) => t.replaceAll('{p2}', '{p1}')).intents).toHaveLength(12);
    expect(edited(many, (t) => `${t.replace(/.*gh-\d: .*\n/g, '')}\n## Later\n${t.match(/.*gh-\d: .*\n/g)?.join('')}`).hold).toBeNull();
  });

  it('takes a held edit as it is once a person says so', () => {
    const { text, base } = written(many);
    const now = text.replace(/.*gh-(2|3|4|5): .*\n/g, '');
    expect(takeIn(base, now, noVersions, true).intents).toHaveLength(4);
    expect(takeIn(base, '', noVersions, true).intents).toEqual([]);
  });

  it('settles a merge conflict about nothing but the time', () => {
    const taken = edited(many, (t) =>
      t.replace(/(\*\*Last.*\n)/, '<<<<<<< HEAD\n$1=======\n**Last updated:** 2026-11-22 01:01:01\n>>>>>>> other\n'),
    );
    expect(taken).toMatchObject({ hold: null, intents: [] });
  });
});
