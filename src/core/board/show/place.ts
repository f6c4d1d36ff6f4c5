import { headingText, prefixOf, renderTask, type Style } from '../line/render.ts';
import { SECTIONS } from '../text/heading.ts';
import type { BoardNode } from '../text/parse.ts';
import { isBlank } from '../text/syntax.ts';
import type { BoardView, Section } from '../text/view.ts';

/** Lines on their way into the new version. `node` null: new ones. `rank`: the place in the view of the task whose line of record this is. */
export interface Block {
  readonly node: BoardNode | null;
  readonly rank: number | null;
  readonly lines: readonly string[];
}

/** What is to go in between the kept blocks, by the index of the block before or behind it. */
interface Spots {
  readonly before: Map<number, Block[]>;
  readonly after: Map<number, Block[]>;
}

/** Where placing has got to in one section. */
interface Row {
  /** New lines that no line of the view precedes here. */
  readonly lead: Block[];
  /** The kept block of the last line of the view that stays. */
  anchor: number | null;
}

/**
 * Puts moved and new lines among those that stay: each behind its predecessor in the view, the first of a section before the first
 * that stays there, or at the section's end. A section that is missing and needed gets its heading back.
 * `moving`: lines by rank; `pinned` tasks stand already and are nobody's predecessor.
 */
export function placeBlocks(
  kept: readonly Block[],
  moving: ReadonlyMap<number, readonly string[]>,
  pinned: ReadonlySet<string>,
  view: BoardView,
  eol: string,
): Block[] {
  const standing = new Int32Array(view.lines.length).fill(-1);
  kept.forEach((block, at) => {
    if (block.rank !== null) standing[block.rank] = at;
  });
  const spots: Spots = { before: new Map(), after: new Map() };
  const house = houseStyle(kept, eol);
  const rows = new Map<Section, Row>(SECTIONS.map((section) => [section, { lead: [], anchor: null }]));
  view.lines.forEach((line, rank) => {
    const row = rows.get(line.section);
    if (row === undefined || pinned.has(line.id)) return;
    const at = standing[rank] ?? -1;
    if (at !== -1) {
      if (row.anchor === null) push(spots.before, at, row.lead);
      row.anchor = at;
      return;
    }
    const style = row.anchor === null ? house : styleOf(kept[row.anchor], house);
    const block = { node: null, rank, lines: moving.get(rank) ?? renderTask(line, style) };
    if (row.anchor === null) row.lead.push(block);
    else push(spots.after, row.anchor, [block]);
  });
  const headings = headingsOf(kept);
  for (const [section, { lead, anchor }] of rows)
    if (anchor === null && lead.length > 0) placeLead(section, lead, kept, headings, spots, view, eol);
  return weave(kept, spots);
}

function weave(kept: readonly Block[], { before, after }: Spots): Block[] {
  const result: Block[] = [...(after.get(-1) ?? [])];
  kept.forEach((block, at) => {
    const [first, last] = [before.get(at), after.get(at)];
    if (first !== undefined) result.push(...first);
    result.push(block);
    if (last !== undefined) result.push(...last);
  });
  return result;
}

function push(map: Map<number, Block[]>, at: number, blocks: readonly Block[]): void {
  if (blocks.length === 0) return;
  const known = map.get(at);
  if (known === undefined) map.set(at, [...blocks]);
  else known.push(...blocks);
}

/** First heading of each section, and the last line with words in it. */
function headingsOf(kept: readonly Block[]): Map<Section, { end: number }> {
  const found = new Map<Section, { end: number }>();
  let current: { end: number } | null = null;
  kept.forEach((block, at) => {
    if (block.node?.kind === 'heading') {
      const { section } = block.node;
      current = null;
      if (section !== null && !found.has(section)) {
        current = { end: at };
        found.set(section, current);
      }
    } else if (current !== null && (block.node?.kind === 'task' || !block.lines.every(isBlank))) current.end = at;
  });
  return found;
}

function placeLead(
  section: Section,
  lead: readonly Block[],
  kept: readonly Block[],
  headings: Map<Section, { end: number }>,
  spots: Spots,
  view: BoardView,
  eol: string,
): void {
  const own = headings.get(section);
  if (own !== undefined) {
    push(spots.after, own.end, lead);
    return;
  }
  const text = (line: string): Block => ({ node: null, rank: null, lines: [line] });
  const order = SECTIONS.indexOf(section);
  const above = SECTIONS.slice(0, order).findLast((other) => headings.has(other));
  const heading = text(`${headingText(section, view.maxActive)}${eol}`);
  const end = above === undefined ? kept.length - 1 : (headings.get(above)?.end ?? kept.length - 1);
  const below = SECTIONS.slice(order + 1).find((other) => headings.has(other));
  if (above === undefined && below !== undefined) {
    const at = kept.findIndex((block) => block.node?.kind === 'heading' && block.node.section === below);
    push(spots.before, at, [heading, ...lead, text(eol)]);
    return;
  }
  const last = kept[end];
  const gap = last !== undefined && !last.lines.every(isBlank) ? [text(eol)] : [];
  push(spots.after, end, [...gap, heading, ...lead]);
}

function houseStyle(kept: readonly Block[], eol: string): Style {
  const first = kept.find((block) => block.node?.kind === 'task');
  return styleOf(first, { prefix: '', eol });
}

function styleOf(block: Block | undefined, otherwise: Style): Style {
  if (block?.node?.kind !== 'task') return otherwise;
  return { prefix: prefixOf(block.node.lines[0] ?? ''), eol: otherwise.eol };
}
