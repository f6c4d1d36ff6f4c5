import fc from 'fast-check';
import { takeIn, takeWhole } from '../../src/core/board/edit/take.ts';
import { takeShort } from '../../src/core/board/edit/take-short.ts';
import { type BoardBase, NO_MEMORY } from '../../src/core/board/line/base.ts';
import { complaints } from '../../src/core/board/line/lint.ts';
import { saysSame } from '../../src/core/board/line/refresh.ts';
import { shownTitle } from '../../src/core/board/line/render.ts';
import { changeBetween, shownIn } from '../../src/core/board/line/shown.ts';
import { mergeBoards } from '../../src/core/board/merge/merge.ts';
import { applyWhole } from '../../src/core/board/show/apply.ts';
import { applyShort } from '../../src/core/board/show/apply-short.ts';
import { planPublish } from '../../src/core/board/show/plan.ts';
import { parseAfter, parseBoard, textOf } from '../../src/core/board/text/parse.ts';
import type { BoardView } from '../../src/core/board/text/view.ts';
import { applyEdits, edit, laterView, longViews, nastyText, view } from './arbitraries.ts';

/* What must hold of the board for any file and any edit. Run with few cases by the tests and with many by scripts/long/board-nightly.ts. */

const none = (): readonly string[] => [];
const edits = fc.array(edit(), { minLength: 1, maxLength: 6 });
const twoViews = view.chain((before) => fc.tuple(fc.constant(before), laterView(before)));

/** What a fresh daemon writes for the view. */
export function written(of: BoardView): { text: string; base: BoardBase } {
  const plan = planPublish(of, { text: null }, null, none);
  if (plan.kind !== 'write') throw new Error(`a fresh board is ${plan.kind}`);
  return plan;
}

const fail = (message: string, ...texts: readonly string[]): never => {
  throw new Error([message, ...texts].join('\n-----\n'));
};
const same = (a: string, b: string, what: string): void => {
  if (a !== b) fail(what, a, b);
};
const holds = (text: string, tokens: readonly string[], elsewhere: string, ...shown: readonly string[]): void => {
  for (const token of tokens) if (!text.includes(token) && !elsewhere.includes(token)) fail(`${token} is lost`, text, ...shown);
};

interface Property {
  readonly name: string;
  readonly run: (cases: number, seed?: number) => void;
}
const property = <T>(name: string, arbitrary: fc.Arbitrary<T>, check: (value: T) => void): Property => ({
  name,
  run: (numRuns, seed) => fc.assert(fc.property(arbitrary, check), { numRuns, ...(seed === undefined ? {} : { seed }) }),
});

/** Any edit of a person, then any change of the daemon, seen before it or not. */
const story = fc.tuple(twoViews, edits, edits);

export const PROPERTIES: readonly Property[] = [
  property('every byte belongs to a node', fc.tuple(view, edits, nastyText), ([of, changes, extra]) => {
    const { text } = applyEdits(written(of).text, changes);
    for (const any of [text, extra, text + extra, extra + text]) same(textOf(parseBoard(any).nodes), any, 'the nodes are not the text');
  }),
  property('a text is read alike whatever was read before it', fc.tuple(twoViews, edits, edits, nastyText), ([views, one, two, extra]) => {
    const [base, later] = views.map((of) => written(of).text);
    const texts = [applyEdits(base ?? '', one).text, applyEdits(base ?? '', two).text, later ?? '', `${base}${extra}`, `${extra}\n${base}`];
    const alone = texts.map((text) => parseAfter(undefined, text, {}));
    texts.forEach((text, at) => {
      const again = parseAfter(alone.at(at - 1)?.pages, text, {});
      same(JSON.stringify(again), JSON.stringify(alone[at]), 'what was read before it changes how it is read');
    });
  }),
  property('no title forges a line, and what is written is read back', view, (of) => {
    const { text, base } = written(of);
    const doc = parseBoard(text);
    const found = doc.nodes.flatMap((node) => (node.kind === 'task' ? [`${node.section} ${node.task.id} ${node.task.title}`] : []));
    const meant = of.lines.map((line) => `${line.section} ${line.id} ${shownTitle(line.title)}`);
    same(found.sort().join('\n'), meant.sort().join('\n'), text);
    if (complaints(doc).length > 0) fail('a line of tac8 itself is unreadable', text);
    const { intents, hold } = takeIn(base, text, none);
    if (intents.length > 0 || hold !== null) fail(`tac8 reads its own writing as an edit: ${JSON.stringify(intents)}`, text);
  }),
  property('merge(base, x, base) = x and merge(base, base, y) = y', fc.tuple(twoViews, edits), ([[before], changes]) => {
    const base = written(before).text;
    const { text } = applyEdits(base, changes);
    same(mergeBoards(base, text, base).text, text, 'an edit alone is not kept as it is');
    same(mergeBoards(base, base, text).text, text, 'ours alone is not taken as it is');
  }),
  property('an edit that nobody has seen yet survives the daemon and stays an edit', story, ([[before, after], changes]) => {
    const { text: base, base: stored } = written(before);
    const { text, tokens } = applyEdits(base, changes);
    const plan = planPublish(after, stored, text, none);
    if (plan.kind !== 'write') return;
    const elsewhere = [...plan.left.map((block) => block.text), ...plan.notes.map((note) => note.words)].join('\n');
    holds(plan.text, tokens, elsewhere, base, text);
    const again = planPublish(after, plan.base, plan.text, none);
    if (again.kind !== 'same') fail(`the second write is ${again.kind}`, base, text, plan.text, again.kind === 'write' ? again.text : '');
  }),
  property(
    'an edit that was taken in survives, the facts are right, and a second pass finds nothing',
    story,
    ([[before, after], changes]) => {
      const { text: base, base: stored } = written(before);
      const { text, tokens } = applyEdits(base, changes);
      const taken = takeIn(stored, text, none);
      if (taken.hold !== null) return;
      const plan = planPublish(after, taken.base, text, none);
      if (plan.kind === 'held') return;
      const result = plan.kind === 'write' ? plan.text : text;
      const elsewhere = plan.kind === 'write' ? plan.left.map((block) => block.text).join('\n') : '';
      holds(result, tokens, elsewhere, base, text);
      factsStand(after, result, plan.base, base, text);
      const again = takeIn(plan.base, result, none);
      if (again.intents.length > 0) fail(`the daemon's own write is an edit: ${JSON.stringify(again.intents)}`, base, text, result);
      const second = planPublish(after, plan.base, result, none);
      if (second.kind !== 'same')
        fail('the second write changes something', base, text, result, second.kind === 'write' ? second.text : second.kind);
    },
  ),
  property(
    'lines that need not be looked at are not missed',
    fc.tuple(longViews, edits, fc.boolean(), fc.boolean()),
    ([[before, after], changes, isQuiet, hasStamp]) => {
      const base = hasStamp ? written(before).base : unstamped(written(before).base);
      const shown = shownIn(parseBoard(base.text ?? ''), before.lines, base.text ?? '');
      if (shown === null) return;
      // Edits that tear the whole text are found by the whole look alone.
      const text = isQuiet ? (base.text ?? '') : applyEdits(base.text ?? '', changes.slice(0, 2)).text;
      const taken = takeWhole(base, text, none);
      const short = takeShort(shown, base, text, 1, (of, rest) => takeWhole(of, rest, none));
      if (short !== null) same(JSON.stringify(short), JSON.stringify(taken), 'an edit is taken in otherwise');
      if (taken.hold !== null) return;
      const { memory = NO_MEMORY } = taken.base;
      const whole = applyWhole(after, text, memory, {});
      const change = changeBetween(shown.text, text);
      const quick = applyShort({ shown, change }, after, text, memory, 1, (of, rest) => applyWhole(of, rest, memory, {}));
      if (quick === null) return;
      const { shown: next, ...applied } = quick;
      const { shown: _, ...expected } = whole;
      same(applied.text, whole.text, 'the view is written in otherwise');
      same(JSON.stringify(applied), JSON.stringify(expected), 'what is remembered of the view differs');
      const again = shownIn(parseBoard(whole.text, memory.names), after.lines, whole.text);
      const stretches = (of: typeof again): string => JSON.stringify(of?.stretches.map(({ rank, starts }) => [rank, ...starts]));
      same(stretches(next), stretches(again), 'the stretches are others');
    },
  ),
  property('a crash around the write makes no edit out of the daemon', story, ([[before, after], , changes]) => {
    const { text: base, base: stored } = written(before);
    const plan = planPublish(after, stored, base, none);
    if (plan.kind !== 'write') return;
    const recorded: BoardBase = { ...stored, next: { text: plan.base.text, memory: plan.base.memory ?? fail('no memory') } };
    for (const found of [base, plan.text]) {
      const { intents, hold } = takeIn(recorded, found, none);
      if (intents.length > 0 || hold !== null) fail(`a crash became an edit: ${JSON.stringify(intents)}`, base, plan.text, found);
      // And a person who edits what the crash left asks for exactly what they would have asked for without it.
      const { text } = applyEdits(found, changes);
      const alone = found === base ? stored : plan.base;
      const [one, two] = [takeIn(recorded, text, none), takeIn(alone, text, none)];
      if (versionLine(text) === versionLine(found))
        same(JSON.stringify(one.intents), JSON.stringify(two.intents), 'a crash changes what an edit means');
    }
  }),
  property('edits in different places do not mind their order', fc.tuple(view, fc.nat(3), fc.nat(100)), ([of, tag, pick]) => {
    const base = written(of).text;
    const top = base.replace('# Work Queue\n', '# Work Queue\nA word from Ann\n');
    const low = base.includes('{p') ? base.replace(/\{p\d\}(\n(?![\s\S]*\{p\d\}))/, `{p${tag}}$1`) : base;
    const end = `${base}\n## Ideas\n- ${pick}\n`;
    const all = [top, low, end];
    const merge = (order: readonly number[]) => order.reduce((text, at) => mergeBoards(base, all[at] ?? base, text).text, base);
    const results = [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0],
      [1, 0, 2],
    ].map(merge);
    for (const result of results) same(result, results[0] ?? '', 'the order of edits matters');
  }),
];

/** As of a person who began the file without the line that tells the time. */
const unstamped = (base: BoardBase): BoardBase => ({ ...base, text: (base.text ?? '').replace(/^\*\*Last updated.*\n/m, '') });

const versionLine = (text: string): string => /^\*\*Last updated.*$/m.exec(text)?.[0] ?? '';

/** Each task of the view stands where it should and says what it should; once a copy stands too, at least one of them does. */
function factsStand(of: BoardView, text: string, base: BoardBase, ...shown: readonly string[]): void {
  const doc = parseBoard(text, base.memory?.names ?? {});
  const right = new Set(
    doc.nodes.flatMap((node) => {
      if (node.kind !== 'task') return [];
      const want = of.lines.find((line) => line.id === node.task.id);
      return want !== undefined && want.section === node.section && saysSame(node.task, want) ? [want.id] : [];
    }),
  );
  for (const line of of.lines) if (!right.has(line.id)) fail(`${line.id} does not stand in ${line.section}`, text, ...shown);
}
