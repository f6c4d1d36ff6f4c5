import fc from 'fast-check';
import type { BoardLine, BoardView, Section } from '../../src/core/board/text/view.ts';
import type { Priority, RunId, TaskId } from '../../src/core/model/task.ts';

/*
 * Boards, views and edits as they happen, and worse. Every word that a person writes holds a token (`T17T`) that stands nowhere else,
 * so that a lost one is found by name.
 */

const NASTY = [
  '\n',
  '\r\n',
  '## Failed',
  '<!--',
  '-->',
  '{p1}',
  '{p9}',
  '[❌ w-aaaaaa]',
  'gh-3:',
  '`',
  '```',
  '---',
  '[x](y)',
  '\u202e',
  'שלום',
  '⚠️',
  '\ud800',
  '| a |',
  '  ',
  '\t',
  '<<<<<<< a',
  '**Last updated:** 2026-01-01 00:00:00',
  '# x',
  '- Reason: x',
];
export const nastyText = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 8, unit: 'grapheme' })), { maxLength: 6 })
  .map((parts) => parts.join(' '));

const runId = fc.integer({ min: 1, max: 0xffffff }).map((n): RunId => `w-${n.toString(16).padStart(6, '0')}`);
const priority = fc.constantFrom<Priority>(0, 1, 2, 3);
export const SECTION_NAMES: readonly Section[] = ['pending', 'active', 'completed', 'failed', 'blocked'];

function lineOf(id: TaskId): fc.Arbitrary<BoardLine> {
  return fc
    .record({
      section: fc.constantFrom(...SECTION_NAMES),
      title: fc.oneof(fc.constant(`Title of ${id}`), nastyText),
      priority,
      run: runId,
      note: fc.option(nastyText, { nil: null }),
    })
    .map(({ section, title, priority, run, note }) => ({
      id,
      section,
      title,
      priority,
      run: section === 'pending' ? null : run,
      tree: section === 'active' ? `trees/${id}` : null,
      commit: section === 'completed' ? `${run.slice(2)}f` : null,
      details: [
        ...(section === 'active'
          ? [
              { key: 'Started', value: '2026-11-22 13:58:02' },
              { key: 'PID', value: '4711' },
            ]
          : []),
        ...(section === 'failed' ? [{ key: 'Reason', value: `stalled: ${note ?? 'no output'}` }] : []),
        ...(section === 'pending' || note === null ? [] : [{ key: 'Note', value: note }]),
      ],
    }));
}

const ids = fc
  .uniqueArray(fc.integer({ min: 1, max: 30 }), { maxLength: 10 })
  .map((numbers) => numbers.map((n): TaskId => (n > 25 ? `local-${n}` : `gh-${n}`)));

let second = 0;
const stamp = (): string => {
  second += 1;
  return new Date(Date.UTC(2026, 10, 22) + second * 1000).toISOString().slice(0, 19).replace('T', ' ');
};

export const view: fc.Arbitrary<BoardView> = fc
  .tuple(
    ids.chain((list) => fc.tuple(...list.map(lineOf))),
    fc.integer({ min: 1, max: 9 }),
  )
  .map(([lines, maxActive]) => ({ updatedAt: stamp(), maxActive, lines }));

/** The same tasks a while later: some moved, renamed, gone, and new ones. */
export const laterView = (before: BoardView): fc.Arbitrary<BoardView> =>
  fc
    .tuple(
      fc.tuple(
        ...before.lines.map((line) =>
          fc.oneof(
            { weight: 3, arbitrary: fc.constant<BoardLine | null>(line) },
            { weight: 2, arbitrary: lineOf(line.id) },
            { weight: 1, arbitrary: fc.constant(null) },
          ),
        ),
      ),
      fc
        .uniqueArray(fc.integer({ min: 40, max: 60 }), { maxLength: 4 })
        .chain((numbers) => fc.tuple(...numbers.map((n) => lineOf(`gh-${n}`)))),
      fc.integer({ min: 1, max: 9 }),
    )
    .chain(([kept, fresh, maxActive]) => {
      const lines = [...kept.filter((line) => line !== null), ...fresh];
      return fc
        .shuffledSubarray(lines, { minLength: lines.length })
        .map((shuffled) => ({ updatedAt: stamp(), maxActive, lines: shuffled }));
    });

/** One change to the text, with the token it brings in, if any. */
export interface Edit {
  readonly kind:
    | 'insert'
    | 'note'
    | 'append'
    | 'add'
    | 'delete'
    | 'swap'
    | 'title'
    | 'tag'
    | 'mark'
    | 'move'
    | 'copy'
    | 'crlf'
    | 'section'
    | 'chop';
  readonly at: number;
  readonly to: number;
  readonly words: string;
}

const KINDS: readonly Edit['kind'][] = [
  'insert',
  'note',
  'append',
  'add',
  'delete',
  'swap',
  'title',
  'tag',
  'mark',
  'move',
  'copy',
  'crlf',
  'section',
  'chop',
];
export const edit = (kinds: readonly Edit['kind'][] = KINDS): fc.Arbitrary<Edit> =>
  fc.record({
    kind: fc.constantFrom(...kinds),
    at: fc.nat(1000),
    to: fc.nat(1000),
    words: fc.constantFrom('word', '- bullet', '  deep', '> quote', '`code`', '* star', 'naïve ⚠️', '<!-- hush -->', '| cell |', '\ttab'),
  });

export interface Edited {
  readonly text: string;
  readonly tokens: readonly string[];
}

let serial = 0;
/** Makes the edits one after the other. */
export function applyEdits(text: string, edits: readonly Edit[]): Edited {
  const tokens: string[] = [];
  let lines = text.split('\n');
  for (const change of edits) {
    serial += 1;
    const token = `T${serial}T`;
    const at = change.at % Math.max(1, lines.length);
    const to = change.to % Math.max(1, lines.length);
    const next = [...lines];
    const task = /^(\s*(?:[-*] )?\[[^\]]*\] (?:gh|local)-\d+: )(.*?)(\s*(?:\{p\d\})?\r?)$/.exec(lines[at] ?? '');
    const says = (words: string) => {
      tokens.push(token);
      return `${words} ${token}`;
    };
    if (change.kind === 'insert') next.splice(at, 0, says(change.words));
    else if (change.kind === 'note') next.splice(at + 1, 0, says('- a note'));
    else if (change.kind === 'append') next.push(says(change.words));
    else if (change.kind === 'add') next.splice(at + 1, 0, says('[] new task'));
    else if (change.kind === 'delete') next.splice(at, 1);
    else if (change.kind === 'swap') [next[at], next[to]] = [lines[to] ?? '', lines[at] ?? ''];
    else if (change.kind === 'title' && task !== null) next[at] = `${task[1]}${says('renamed')}${task[3]}`;
    else if (change.kind === 'tag' && task !== null) next[at] = `${task[1]}${task[2]} {p${change.to % 4}}`;
    else if (change.kind === 'mark' && task !== null)
      next[at] = (lines[at] ?? '').replace(/\[[^\]]*\]/, ['[❌]', '[]', '[x]', '[?]'][change.to % 4] ?? '[]');
    else if (change.kind === 'move') next.splice(to, 0, ...next.splice(at, 1));
    else if (change.kind === 'copy') next.splice(to, 0, (lines[at] ?? '').replace(/T\d+T/g, ''));
    else if (change.kind === 'crlf')
      next.forEach((line, i) => {
        next[i] = `${line.replace(/\r$/, '')}\r`;
      });
    else if (change.kind === 'section') next.splice(at, 0, '', says('## Later'), '');
    else if (change.kind === 'chop' && next.at(-1) === '') next.pop();
    lines = next;
  }
  const result = lines.join('\n');
  // A token that a later edit of the same person took out again is not lost by the merge.
  return { text: result, tokens: tokens.filter((token) => result.includes(token)) };
}

/** A board with so many waiting tasks that most need not be looked at, and the same after some changes; what nothing happened to is the very same line. */
export const longViews: fc.Arbitrary<readonly [BoardView, BoardView]> = fc
  .tuple(
    view,
    fc.integer({ min: 30, max: 90 }),
    fc.nat(1000),
    fc.array(
      fc.record({
        kind: fc.constantFrom<'drop' | 'move' | 'rank' | 'title' | 'insert' | 'start'>('drop', 'move', 'rank', 'title', 'insert', 'start'),
        at: fc.nat(1000),
        to: fc.nat(1000),
      }),
      { maxLength: 4 },
    ),
  )
  .map(([few, count, place, changes]) => {
    const waiting = Array.from({ length: count }, (_, n) => waitingLine(`gh-${100 + n}`, n % 7 === 0 ? 1 : 2));
    const at = place % (few.lines.length + 1);
    const before = { ...few, lines: [...few.lines.slice(0, at), ...waiting, ...few.lines.slice(at)] };
    const lines = [...before.lines];
    changes.forEach((change, n) => {
      const from = change.at % lines.length;
      const line = lines[from];
      if (line === undefined) return;
      if (change.kind === 'drop') lines.splice(from, 1);
      else if (change.kind === 'move') lines.splice(change.to % lines.length, 0, ...lines.splice(from, 1));
      else if (change.kind === 'rank') lines[from] = { ...line, priority: (change.to % 4) as Priority };
      else if (change.kind === 'title') lines[from] = { ...line, title: `Another title ${n}` };
      else if (change.kind === 'insert') lines.splice(from, 0, waitingLine(`local-${900 + n}`, 2));
      else lines[from] = { ...line, section: 'active', run: 'w-00beef', tree: `trees/${line.id}`, details: [{ key: 'PID', value: '1' }] };
    });
    return [before, { updatedAt: stamp(), maxActive: few.maxActive, lines }] as const;
  });

const waitingLine = (id: TaskId, priority: Priority): BoardLine => ({
  id,
  section: 'pending',
  title: `Wait, ${id}`,
  priority,
  run: null,
  tree: null,
  commit: null,
  details: [],
});
