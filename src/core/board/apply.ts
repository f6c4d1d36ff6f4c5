import { type BoardMemory, NO_MEMORY, type OwnLine } from './base.ts';
import { longestRising } from './match.ts';
import { ownersOf } from './owners.ts';
import { type BoardDoc, type BoardNode, belongsBelow, parseBoard } from './parse.ts';
import { type Block, placeBlocks } from './place.ts';
import { refreshTask } from './refresh.ts';
import { renderFresh, shownDetail, shownTitle } from './render.ts';
import { speak } from './speak.ts';
import { bodyOf, eolOf, indentOf, readLine, withEnding } from './syntax.ts';
import type { BoardLine, BoardView } from './view.ts';

/** A task whose line left the board, with all that stood below it. */
export interface LeftBlock {
  readonly id: string;
  readonly section: string;
  readonly text: string;
}

export interface Applied {
  readonly text: string;
  readonly memory: BoardMemory;
  readonly left: readonly LeftBlock[];
}

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
  const adopted = Object.keys(memory.lines).length === 0;
  const start = text === null || text.trim() === '' ? renderFresh(view) : text;
  const doc = parseBoard(start, memory.names);
  const wanted = new Map<string, BoardLine>(view.lines.map((line) => [line.id, line]));
  const eol = eolOf(doc.nodes[0]?.lines[0] ?? '') || '\n';
  const owners = ownersOf(doc, wanted, memory, given, view);
  const { staying, pinned } = stayingTasks(doc, owners, wanted, view);
  const left: LeftBlock[] = [];
  const kept: Block[] = [];
  const moving = new Map<string, readonly string[]>();
  for (const node of doc.nodes) {
    const id = owners.get(node) ?? null;
    const want = id === null ? undefined : wanted.get(id);
    if (node.kind !== 'task' || id === null) kept.push({ node, id: null, lines: withMax(node, view) });
    else if (want === undefined) left.push({ id, section: node.section, text: node.lines.join('') });
    else {
      const lines = refreshTask(node, want, memory.lines[id], adopted, eol);
      if (staying.has(id)) kept.push({ node, id: pinned.has(id) ? null : id, lines });
      else moving.set(id, lines);
    }
  }
  const placed = joinBlocks(placeBlocks(kept, moving, pinned, view, eol), eol, !start.endsWith('\n'));
  const said = speak(placed, doc, memory);
  return { text: said.text, memory: { lines: ownLines(view), spoken: said.spoken, names: memory.names }, left };
}

/**
 * Tasks that keep their place: in the right section, and in an order that agrees with the view's. One that stands twice is pinned:
 * moving one of two copies would make the other the line of record the next time.
 */
function stayingTasks(
  doc: BoardDoc,
  owners: ReadonlyMap<BoardNode, string>,
  wanted: ReadonlyMap<string, BoardLine>,
  view: BoardView,
): { readonly staying: ReadonlySet<string>; readonly pinned: ReadonlySet<string> } {
  const rank = new Map(view.lines.map((line, at) => [line, at]));
  const rows = new Map<string, { readonly id: string; readonly rank: number }[]>();
  const pinned = new Set<string>();
  const twice = new Set(doc.nodes.flatMap((node) => (node.kind === 'task' && node.key.endsWith('~1') ? [node.task.id] : [])));
  for (const node of doc.nodes) {
    const id = owners.get(node);
    const want = id === undefined ? undefined : wanted.get(id);
    if (id === undefined || want === undefined || want.section !== node.section) continue;
    if (node.kind === 'task' && twice.has(node.task.id)) {
      pinned.add(id);
      continue;
    }
    const place = { id, rank: rank.get(want) ?? 0 };
    const row = rows.get(want.section);
    if (row === undefined) rows.set(want.section, [place]);
    else row.push(place);
  }
  const staying = new Set(pinned);
  for (const row of rows.values()) for (const at of longestRising(row.map((place) => place.rank))) staying.add(row[at]?.id ?? '');
  return { staying, pinned };
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

function ownLines(view: BoardView): Readonly<Record<string, OwnLine>> {
  return Object.fromEntries(
    view.lines.map((line) => [line.id, { section: line.section, title: shownTitle(line.title), details: line.details.map(shownDetail) }]),
  );
}
