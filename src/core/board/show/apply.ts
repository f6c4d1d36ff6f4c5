import { type BoardMemory, NO_MEMORY, type OwnLine } from '../line/base.ts';
import { formerLines, type Owner, ownersOf } from '../line/owners.ts';
import { keepsWords, refreshTask, saysAll } from '../line/refresh.ts';
import { ownLine, renderFresh } from '../line/render.ts';
import { LONG, shownBefore, shownIn } from '../line/shown.ts';
import { longestRising } from '../text/match.ts';
import { type BoardDoc, type BoardNode, belongsBelow, copiesIn, isRemark, parseBoard, type TaskNode } from '../text/parse.ts';
import { bodyOf, eolOf, indentOf, readLine, withEnding } from '../text/syntax.ts';
import type { BoardLine, BoardView } from '../text/view.ts';
import type { Applied, LeftBlock } from './applied.ts';
import { applyShort } from './apply-short.ts';
import { type Block, placeBlocks } from './place.ts';
import { speak } from './speak.ts';

/**
 * The daemon's view written into a text in which every person's edit has been taken in. Only the daemon's own lines change; the same
 * view applied twice changes nothing the second time. The line that tells the time is left to the caller.
 */
export function applyView(
  view: BoardView,
  text: string | null,
  memory: BoardMemory = NO_MEMORY,
  given: Readonly<Record<string, string>> = {},
): Applied {
  const before = text === null || view.lines.length < LONG ? null : shownBefore(text, memory.names);
  const whole = (rest: BoardView, of: string | null): Applied => applyWhole(rest, of, memory, given);
  const short = before === null || text === null ? null : applyShort(before, view, text, memory, LONG, whole);
  if (short !== null) return short;
  const applied = whole(view, text);
  if (view.lines.length < LONG) return applied;
  return { ...applied, shown: shownIn(parseBoard(applied.text, applied.memory.names), view.lines, applied.text) };
}

/** The same, with every line looked at. */
export function applyWhole(view: BoardView, text: string | null, memory: BoardMemory, given: Readonly<Record<string, string>>): Applied {
  const start = text === null || text.trim() === '' ? renderFresh(view) : text;
  const doc = parseBoard(start, memory.names);
  const eol = eolOf(doc.nodes[0]?.lines[0] ?? '') || '\n';
  const owners = ownersOf(doc, view, memory, given);
  const twice = copiesIn(doc);
  if (twice.size > 0) {
    const former = formerLines(doc, owners, memory);
    const kept = doc.nodes.filter((node, at) => !(former.has(at) && node.kind === 'task' && isWordless(node, memory)));
    if (kept.length < doc.nodes.length) return applyWhole(view, kept.flatMap(({ lines }) => lines).join(''), memory, given);
  }
  const { staying, pinned } = stayingTasks(doc, owners, twice);
  const strangers = new Set(memory.strangers);
  const worded = new Set<string>();
  const left: LeftBlock[] = [];
  const kept: Block[] = [];
  const moving = new Map<number, readonly string[]>();
  const refresh = (node: TaskNode, line: BoardLine): readonly string[] => {
    const known = memory.lines[line.id] ?? (strangers.has(line.id) || node.task.id === null ? 'stranger' : undefined);
    // Of a task that stands twice nobody knows which line the daemon wrote: whatever it is called there may be a person's words.
    const own = twice.has(line.id) && known !== 'stranger' ? { section: node.section, details: [], ...known, title: '' } : known;
    if (keepsWords(node.task, line, own)) worded.add(line.id);
    return refreshTask(node, line, own, eol);
  };
  doc.nodes.forEach((node, at) => {
    const owner = owners[at];
    if (node.kind !== 'task' || owner === undefined) kept.push({ node, rank: null, lines: withMax(node, view) });
    else if (owner.line === undefined) {
      left.push(leftBlock(owner.id, node, memory.lines[owner.id]));
      // A copy that stays behind is a person's.
      if (twice.has(owner.id)) strangers.add(owner.id);
    } else {
      const { line, rank } = owner;
      const lines = saysAll(node, line) ? node.lines : refresh(node, line);
      if (staying[at] === 1) kept.push({ node, rank: pinned.has(owner.id) ? null : rank, lines });
      else moving.set(rank, lines);
    }
  });
  const placed = joinBlocks(placeBlocks(kept, moving, pinned, view, eol), eol, !start.endsWith('\n'));
  const said = speak(placed, doc, memory);
  for (const line of view.lines) strangers.delete(line.id);
  return {
    text: said.text,
    memory: { lines: ownLines(view, worded), strangers: [...strangers], spoken: said.spoken, names: memory.names },
    left,
    shown: null,
  };
}

/**
 * Tasks that keep their place (1 at the index of their node): in the right section, and in an order that agrees with the view's. One
 * that stands twice is pinned: moving one of two copies would make the other the line of record the next time.
 */
function stayingTasks(
  doc: BoardDoc,
  owners: readonly (Owner | undefined)[],
  twice: ReadonlySet<string>,
): { readonly staying: Uint8Array; readonly pinned: ReadonlySet<string> } {
  const staying = new Uint8Array(doc.nodes.length);
  const pinned = new Set<string>();
  const rows = new Map<string, { readonly places: number[]; readonly ranks: number[] }>();
  doc.nodes.forEach((node, at) => {
    const owner = owners[at];
    if (owner?.line === undefined || owner.line.section !== node.section) return;
    if (twice.has(owner.id)) {
      pinned.add(owner.id);
      staying[at] = 1;
      return;
    }
    let row = rows.get(node.section);
    if (row === undefined) {
      row = { places: [], ranks: [] };
      rows.set(node.section, row);
    }
    row.places.push(at);
    row.ranks.push(owner.rank);
  });
  for (const { places, ranks } of rows.values()) {
    for (const index of longestRising(ranks)) {
      const at = places[index];
      if (at !== undefined) staying[at] = 1;
    }
  }
  return { staying, pinned };
}

function leftBlock(id: string, node: TaskNode, own: OwnLine | undefined): LeftBlock {
  const mine = new Set(own?.details ?? []);
  const below = node.lines.slice(1).filter((line) => !isRemark(line) && !mine.has(bodyOf(line).trim()));
  const title = own !== undefined && node.task.title !== own.title ? [node.lines[0] ?? ''] : [];
  return { id, section: node.section, text: node.lines.join(''), words: [...title, ...below].join('') };
}

/** The line and all below it are as the daemon wrote them: its section's mark, its title, its details. */
function isWordless(node: TaskNode, memory: BoardMemory): boolean {
  const { id, mark, priority } = node.task;
  const isMarked = mark.kind === (node.section === 'pending' ? 'open' : node.section);
  return id !== null && isMarked && (priority === null || node.section === 'pending') && leftBlock(id, node, memory.lines[id]).words === '';
}

/** `(max 3)` in the heading of Active is the daemon's; a heading without it stays as it is. */
function withMax(node: BoardNode, view: BoardView): readonly string[] {
  if (node.kind !== 'heading' || node.section !== 'active') return node.lines;
  const [first = '', ...rest] = node.lines;
  return [first.replace(/\(max \d+\)/i, `(max ${view.maxActive})`), ...rest];
}

/**
 * Puts the text together. A blank line goes in where a line would otherwise become part of the task above it; a file whose last line
 * had no ending keeps that, whatever line is the last now.
 */
function joinBlocks(blocks: readonly Block[], eol: string, open: boolean): string {
  const out: string[] = [];
  blocks.forEach((block, at) => {
    const before = blocks[at - 1];
    if (before !== undefined && captures(before, block)) out.push(eol);
    for (const line of block.lines) out.push(withEnding(line, eol));
  });
  const last = out.pop() ?? '';
  return out.join('') + (open ? bodyOf(last) : last);
}

function captures(before: Block, block: Block): boolean {
  if (before.node !== null && block.node !== null && before.node.at + before.node.lines.length === block.node.at) return false;
  const first = before.lines[0] ?? '';
  if (readLine(first).kind !== 'task') return false;
  return belongsBelow(block.lines[0] ?? '', indentOf(first));
}

/** What has to be remembered of the lines: their details, and titles that stand in a person's words. */
function ownLines(view: BoardView, worded: ReadonlySet<string>): BoardMemory['lines'] {
  const lines: Record<string, OwnLine> = {};
  for (const line of view.lines) {
    if (line.section === 'pending' && line.details.length === 0 && !worded.has(line.id)) continue;
    lines[line.id] = ownLine(line);
  }
  return lines;
}
