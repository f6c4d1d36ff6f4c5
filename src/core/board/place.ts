import { SECTIONS } from './heading.ts';
import type { BoardNode } from './parse.ts';
import { headingText, prefixOf, renderTask, type Style } from './render.ts';
import { isBlank } from './syntax.ts';
import type { BoardLine, BoardView, Section } from './view.ts';

/** Lines on their way into the new version. `node` null: new ones. `id`: the task whose line of record this is. */
export interface Block {
  readonly node: BoardNode | null;
  readonly id: string | null;
  readonly lines: readonly string[];
}

interface Spots {
  readonly before: Map<number, Block[]>;
  readonly after: Map<number, Block[]>;
}

/**
 * Puts moved and new lines among those that stay: each behind its predecessor in the view, the first of a section before the first
 * that stays there, or at the section's end. A section that is missing and needed gets its heading back.
 * `pinned` tasks stand already and are nobody's predecessor.
 */
export function placeBlocks(
  kept: readonly Block[],
  moving: ReadonlyMap<string, readonly string[]>,
  pinned: ReadonlySet<string>,
  view: BoardView,
  eol: string,
): Block[] {
  const standing = new Map(kept.flatMap((block, at) => (block.id === null ? [] : [[block.id, at] as const])));
  const spots: Spots = { before: new Map(), after: new Map() };
  const headings = headingsOf(kept);
  const house = houseStyle(kept, eol);
  for (const section of SECTIONS) {
    const lead: Block[] = [];
    let anchor: number | null = null;
    for (const line of view.lines) {
      if (line.section !== section || pinned.has(line.id)) continue;
      const at = standing.get(line.id);
      if (at !== undefined) {
        if (anchor === null) push(spots.before, at, lead);
        anchor = at;
        continue;
      }
      const block = blockFor(line, moving, anchor === null ? house : styleOf(kept[anchor], house));
      if (anchor === null) lead.push(block);
      else push(spots.after, anchor, [block]);
    }
    if (anchor === null && lead.length > 0) placeLead(section, lead, kept, headings, spots, view, eol);
  }
  return kept
    .flatMap((block, at) => [...(spots.before.get(at) ?? []), block, ...(spots.after.get(at) ?? [])])
    .concat(kept.length === 0 ? (spots.after.get(-1) ?? []) : []);
}

function push(map: Map<number, Block[]>, at: number, blocks: readonly Block[]): void {
  if (blocks.length === 0) return;
  const known = map.get(at);
  if (known === undefined) map.set(at, [...blocks]);
  else known.push(...blocks);
}

const blockFor = (line: BoardLine, moving: ReadonlyMap<string, readonly string[]>, style: Style): Block => ({
  node: null,
  id: line.id,
  lines: moving.get(line.id) ?? renderTask(line, style),
});

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
    } else if (current !== null && !block.lines.every(isBlank)) current.end = at;
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
  const text = (line: string): Block => ({ node: null, id: null, lines: [line] });
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
