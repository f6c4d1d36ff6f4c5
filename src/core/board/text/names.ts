import { type HeadingNames, headingWords } from './heading.ts';
import { matchRows } from './match.ts';
import type { BoardDoc, BoardNode } from './parse.ts';
import { bodyOf } from './syntax.ts';
import type { Section } from './view.ts';

/**
 * Sections whose heading a person put into other words: between two lines that both versions know, as many of our headings went as
 * others came. Answers the names known so far and the new ones.
 */
export function renamedHeadings(base: BoardDoc, theirs: BoardDoc): HeadingNames {
  const present = new Set(theirs.nodes.flatMap((node) => (node.kind === 'heading' && node.section !== null ? [node.section] : [])));
  const lost = base.nodes.some((node) => node.kind === 'heading' && node.section !== null && !present.has(node.section));
  if (!lost) return base.names;
  const row = (doc: BoardDoc) =>
    doc.nodes.flatMap((node) => node.lines.map((line, at) => ({ node, key: at === 0 ? lineKey(node) : bodyOf(line) })));
  const [before, now] = [row(base), row(theirs)];
  const pairs = matchRows(
    before.map(({ key }) => key),
    now.map(({ key }) => key),
  );
  const names: Record<string, Section> = { ...base.names };
  let from = 0;
  let gone: Section[] = [];
  pairs.forEach((to, at) => {
    const node = before[at]?.node;
    if (to === -1) {
      if (node?.kind === 'heading' && node.section !== null && !present.has(node.section)) gone.push(node.section);
      return;
    }
    pairUp(
      gone,
      now.slice(from, to).map(({ node }) => node),
      names,
    );
    gone = [];
    from = to + 1;
  });
  pairUp(
    gone,
    now.slice(from).map(({ node }) => node),
    names,
  );
  return names;
}

/** A task line counts as the same line also where its section is not recognised and it was read as text. */
const lineKey = (node: BoardNode): string => bodyOf(node.lines[0] ?? '');

function pairUp(gone: readonly Section[], came: readonly BoardNode[], names: Record<string, Section>): void {
  if (gone.length === 0) return;
  const headings = came.filter((node) => node.kind === 'heading' && node.section === null);
  if (headings.length !== gone.length) return;
  headings.forEach((node, at) => {
    const words = headingWords((node.lines[0] ?? '').replace(/^\s*#+/, ''));
    const section = gone[at];
    if (words !== '' && section !== undefined) names[words] = section;
  });
}
