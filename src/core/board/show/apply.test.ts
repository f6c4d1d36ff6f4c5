import { describe, expect, it } from 'vitest';
import { edited, line, moveUnder, noVersions, viewOf, written } from '../../../../test/board/lines.ts';
import { takeIn } from '../edit/take.ts';
import { lintBoard } from '../line/lint.ts';
import { mergeBoards } from '../merge/merge.ts';
import type { BoardLine } from '../text/view.ts';
import { planPublish } from './plan.ts';

const stampless = (text: string) => text.replace(/(Last updated:\*\*) .*/, '$1 T');

describe('a fresh board', () => {
  it('has the form that people know', () => {
    const view = viewOf(
      line('gh-451', 'pending', { title: 'Fix the voltage divider', priority: 1 }),
      line('gh-450', 'active', {
        title: 'Add LED blink example',
        run: 'w-1d3d59',
        details: [
          { key: 'Started', value: '2026-11-22 13:58:02' },
          { key: 'PID', value: '199918' },
        ],
      }),
      line('gh-449', 'completed', { title: 'Speed up netlist export', run: 'w-899e35' }),
      line('gh-448', 'failed', {
        title: 'Rework the parser',
        run: 'w-ac3943',
        details: [{ key: 'Reason', value: 'stalled: no output for 15m' }],
      }),
      line('gh-447', 'blocked', {
        title: 'Choose a format',
        run: 'w-77aa01',
        details: [{ key: 'Question', value: 'SQLite\nor Parquet?' }],
      }),
    );
    expect(stampless(written(view).text)).toBe(`# Work Queue
**Last updated:** T

## Pending
[] gh-451: Fix the voltage divider {p1}

## Active (max 3)
[🟡 w-1d3d59, trees/gh-450] gh-450: Add LED blink example
- Started: 2026-11-22 13:58:02
- PID: 199918

## Completed Today
[✅ a1b2c3d, w-899e35] gh-449: Speed up netlist export

## Failed
[❌ w-ac3943] gh-448: Rework the parser
- Reason: stalled: no output for 15m

## Blocked
[⏰ w-77aa01] gh-447: Choose a format
- Question: SQLite or Parquet?
`);
  });
});

/** A person's file in their own form, taken in, then the daemon's next state. */
function afterwards(file: string, ...lines: readonly BoardLine[]): string {
  const { base } = takeIn({ text: null }, file, noVersions);
  return written(viewOf(...lines), base, file).text;
}

describe('the daemon changes its own bytes only', () => {
  it.each([
    ['CRLF and no final newline', '## Pending\r\n[] gh-1: Mine\r\nbye', '## Pending\r\n[] gh-1: Mine\r\n[] gh-2: Title 2 {p2}\r\nbye'],
    ['checkbox style', '## Pending\n- [ ] gh-1: Mine\n', '## Pending\n- [ ] gh-1: Mine\n- [ ] gh-2: Title 2 {p2}\n'],
    ['a byte order mark', '\ufeff## Pending\n[] gh-1: Mine\n', '\ufeff## Pending\n[] gh-1: Mine\n[] gh-2: Title 2 {p2}\n'],
    [
      'comments, notes, blank lines',
      '## Pending\n\n<!-- mine -->\n[] gh-1: Mine\n  - note\n\n\ntext\n',
      '## Pending\n\n<!-- mine -->\n[] gh-1: Mine\n  - note\n[] gh-2: Title 2 {p2}\n\n\ntext\n',
    ],
  ])('%s', (_, file, expected) => expect(afterwards(file, line('gh-1', 'pending'), line('gh-2', 'pending'))).toBe(expected));

  it('moves a line with what a person wrote below it, and keeps its bullet', () => {
    const text = afterwards(
      '## Pending\n- [ ] gh-1: Mine {p1}\n  - a note\n  - [ ] a step\n\n## Active (max 9)\n',
      line('gh-1', 'active', { priority: 1 }),
    );
    expect(text).toBe('## Pending\n\n## Active (max 3)\n- [🟡 w-000001, trees/gh-1] gh-1: Mine\n  - PID: 41\n  - a note\n  - [ ] a step\n');
  });

  it('does not let a line slip under the task above it', () => {
    expect(afterwards('## Pending\n[] gh-1: Mine\n\n## Active\n- my own bullet\n', line('gh-1', 'active'))).toContain(
      '- my own bullet\n[🟡',
    );
  });

  it('takes over the file of an earlier script', () => {
    const old =
      '## Active\n[🟡 w-abc123, /home/me/app/trees/gh-4] gh-4: Old <!-- META:{"pid":7} -->\n- Started: long ago\n- PID: 7\n- mine\n\n## Failed\n[☠️ w-dead01] gh-9: Dead\n';
    expect(afterwards(old, line('gh-4', 'active'), line('gh-9', 'failed'))).toBe(
      '## Active\n[🟡 w-000004, trees/gh-4] gh-4: Old <!-- META:{"pid":7} -->\n- PID: 44\n- mine\n\n## Failed\n[❌ w-000009] gh-9: Dead\n- Reason: crash: it died\n',
    );
  });

  it('writes the id into a line that had none, by its key or its title', () => {
    const file = '## Pending\n[] Tidy {p0}\n[] Tidy {p0}\n- [ ] Sweep <!-- x -->\n';
    const taken = takeIn({ text: null }, file, noVersions);
    const keys = taken.intents.map((intent) => (intent.kind === 'add' ? intent.key : ''));
    const view = viewOf(
      line('local-2', 'pending', { title: 'Tidy', priority: 0 }),
      line('local-1', 'pending', { title: 'Tidy', priority: 0 }),
      line('local-3', 'pending', { title: 'Sweep' }),
    );
    const given = { [keys[0] ?? '']: 'local-2', [keys[1] ?? '']: 'local-1' } as const;
    const result = written(view, { ...taken.base, given }, file);
    expect(result.text).toBe('## Pending\n[] local-2: Tidy {p0}\n[] local-1: Tidy {p0}\n- [ ] local-3: Sweep <!-- x -->\n');
    expect(takeIn(result.base, result.text, noVersions).intents).toEqual([]);
  });

  it('keeps a title in the words of a person until they change it, and follows the issue otherwise', () => {
    const first = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    const taken = edited(first, (t) => t.replace('Title 1', 'My words'));
    const { text } = written(
      viewOf(line('gh-1', 'pending', { title: 'New' }), line('gh-2', 'pending', { title: 'New' })),
      taken.base,
      taken.text,
    );
    expect(text).toContain('gh-1: My words {p2}');
    expect(text).toContain('gh-2: New {p2}');
  });

  it('puts the title back once the words of a cancellation stand as the reason', () => {
    const taken = edited(viewOf(line('gh-4', 'active')), (t) => t.replace(/\[🟡.*\n/, '[❌ w-000004] gh-4: User cancelled\n'));
    const { text } = written(
      viewOf(line('gh-4', 'failed', { details: [{ key: 'Reason', value: 'User cancelled' }] })),
      taken.base,
      taken.text,
    );
    expect(text).toContain('## Failed\n[❌ w-000004] gh-4: Title 4\n- Reason: User cancelled\n');
  });

  it('brings back a deleted active line, a deleted section, and a deleted file with all that people wrote in it', () => {
    const view = viewOf(line('gh-4', 'active'), line('gh-6', 'failed'));
    const lone = edited(view, (t) => `${t.replace(/\[🟡.*\n.*\n/, '').replace(/## Failed\n[^#]*/, '')}\nMine.\n`);
    const { text, base } = written(view, lone.base, lone.text);
    expect(text).toContain('[🟡 w-000004, trees/gh-4] gh-4: Title 4\n- PID: 44\n');
    expect(text).toMatch(/## Failed\n\[❌ w-000006\]/);
    const again = planPublish(view, base, null, noVersions);
    expect(again.kind === 'write' && stampless(again.text)).toBe(stampless(text));
  });

  it('writes nothing when only the time has changed', () => {
    const { text, base } = written(viewOf(line('gh-1', 'pending')));
    const plan = planPublish(viewOf(line('gh-1', 'pending')), base, text, noVersions);
    expect(plan.kind).toBe('same');
  });

  it('tells two versions of one second apart', () => {
    const view = viewOf(line('gh-1', 'pending'));
    const first = written(view);
    const second = written({ ...view, lines: [line('gh-1', 'active')] }, first.base);
    expect(second.text).toContain(`${view.updatedAt} <!-- 2 -->\n`);
  });
});

describe('speaking back', () => {
  const view = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
  it('says once below the line what cannot be read, and takes it back', () => {
    const taken = edited(view, (t) => t.replace('[] gh-2', '[?] gh-9: what\n[] gh-2'));
    expect(taken.problems).toMatchObject([{ line: 6, message: '[?] is no mark that tac8 knows' }]);
    const spoken = written(view, taken.base, taken.text);
    expect(spoken.text).toContain('[?] gh-9: what\n<!-- tac8: [?] is no mark that tac8 knows.');
    expect(written(view, spoken.base, spoken.text).text).toBe(spoken.text);
    const silenced = spoken.text.replace(/<!-- tac8.*\n/, '');
    const quiet = takeIn(spoken.base, silenced, noVersions);
    expect(written(view, quiet.base, silenced).text).toBe(silenced);
    const mended = spoken.text.replace('[?] gh-9: what', '[] gh-9: what');
    const fixed = takeIn(spoken.base, mended, noVersions);
    expect(fixed.intents).toMatchObject([{ kind: 'add', number: 9 }]);
    expect(written(view, fixed.base, mended).text).not.toContain('tac8:');
  });

  it('takes nothing from a task that stands twice until one line is gone', () => {
    const { text, base } = written(view);
    const twice = text.replace('## Failed\n', '## Failed\n[❌] gh-1: Title 1\n');
    const taken = takeIn(base, twice, noVersions);
    expect(taken.problems).toMatchObject([{ line: 13, message: expect.stringContaining('gh-1 stands twice') }]);
    const spoken = written(view, taken.base, twice);
    const settled = spoken.text.replace(/\[\] gh-1:.*\n/, '').replace(/<!-- tac8.*\n/, '');
    expect(takeIn(spoken.base, settled, noVersions).intents).toMatchObject([{ kind: 'cancel', task: 'gh-1' }]);
  });

  it('keeps what a person called a copy, also where the copy becomes the line of record', () => {
    const { text, base } = written(viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')));
    const twice = text.replace(/(## Active.*\n)/, '$1[] gh-1: My own words\n');
    const taken = takeIn(base, twice, noVersions);
    const after = written(viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), taken.base, twice);
    expect(after.text).toMatch(/## Active.*\n\[🟡 .*\] gh-1: My own words\n/);
  });

  describe('a copy stands where the task goes', () => {
    const { text, base } = written(viewOf(line('gh-1', 'active')));
    const twice = text.replace('## Pending\n', '## Pending\n[] gh-1: Title 1\n');
    const waiting = (edit: (text: string) => string) => {
      const now = edit(twice);
      return written(viewOf(line('gh-1', 'pending')), takeIn(base, now, noVersions).base, now).text;
    };

    it('what the daemon had written elsewhere goes, and the copy is the one line', () => {
      const after = waiting((now) => now);
      expect(after.match(/gh-1: Title 1/g)).toHaveLength(1);
      expect(after).toMatch(/## Pending\n\[\] gh-1: Title 1\n/);
      expect(after).not.toContain('🟡');
    });

    it.each<[string, (text: string) => string, string]>([
      ['a note below it', (t) => t.replace(/(\[🟡.*\n)/, '$1  mind the docs\n'), '  mind the docs\n'],
      ['another title', (t) => t.replace(/(\[🟡.*gh-1: ).*/, '$1My own words'), 'My own words'],
      ['another mark', (t) => t.replace(/\[🟡[^\]]*\]/, '[❌]'), '[❌] gh-1: Title 1\n'],
      ['a priority', (t) => t.replace(/(\[🟡.*)/, '$1 {p0}'), '{p0}\n'],
    ])('it stays where a person gave it %s', (_, edit, words) => expect(waiting(edit)).toContain(words));
  });

  it('lints a text by line number', () => {
    const text = '[] gh-1: above\n## Pending\ngh-2: no box\n[] gh-3: x {p8}\n[] fine\n## Later\n[?] theirs\n## Active\n[] new here\n';
    expect(lintBoard(text).map(({ line }) => line)).toEqual([1, 3, 4, 9]);
    expect(lintBoard('## Pending\n<<<<<<< HEAD\n')).toMatchObject([{ line: 2 }]);
  });
});

describe('the same line changed on both sides', () => {
  it('keeps the words of the person, refreshes the facts, and says so', () => {
    const { text: base } = written(viewOf(line('gh-1', 'pending'), line('gh-2', 'pending')));
    const theirs = base.replace('gh-1: Title 1 {p2}', 'gh-1: My words {p2}\n- my note');
    const { text: ours } = written(viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), {
      text: base,
      memory: written(viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'))).base.memory ?? fail(),
    });
    const merged = mergeBoards(base, theirs, ours);
    expect(merged.text).toContain(
      '[🟡 w-000001, trees/gh-1] gh-1: My words\n- PID: 41\n- my note\n'.replace('- PID: 41\n- my note', '- my note\n- PID: 41'),
    );
    expect(merged.notes).toMatchObject([{ message: expect.stringContaining('gh-1 changed on both sides') }]);
  });

  it('does not bring back a line that the person took out while the daemon changed it', () => {
    const before = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    const { text, base } = written(before);
    const both = written(viewOf(line('gh-1', 'pending'), line('gh-2', 'failed')), base, text.replace(/.*gh-2:.*\n/, ''));
    expect(both.text).not.toContain('gh-2');
    expect(takeIn(both.base, both.text, noVersions).intents).toEqual([{ kind: 'remove', task: 'gh-2' }]);
  });

  it('leaves a cancellation that came while the daemon started the task to be taken in', () => {
    const before = viewOf(line('gh-1', 'pending'), line('gh-2', 'pending'));
    const { text, base } = written(before);
    const theirs = moveUnder(text, 'Failed', /.*gh-1:.*\n/, (l) => l.replace('[]', '[❌]'));
    const both = written(viewOf(line('gh-1', 'active'), line('gh-2', 'pending')), base, theirs);
    expect(takeIn(both.base, both.text, noVersions).intents).toMatchObject([{ kind: 'cancel', task: 'gh-1' }]);
  });
});

const fail = (): never => {
  throw new Error('no memory');
};
