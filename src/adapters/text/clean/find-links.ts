import type { Finder } from './finder.ts';
import { isShownAddress } from './syntax/addresses.ts';
import type { Edit } from './syntax/edits.ts';
import type { Piece } from './syntax/events.ts';

interface Link {
  readonly piece: Piece;
  label: Piece | null;
  /** `(address "title")` */
  resource: Piece | null;
  destination: Piece | null;
  /** `[name]`, which may be empty or left out. */
  reference: Piece | null;
  name: Piece | null;
  hasPicture: boolean;
}

/** Texts of pictures, titles of links, definitions; a link by a definition gets its address, since that shows. */
export function findLinks(source: string): Finder & { links(): readonly { readonly whole: Piece; readonly label: Piece }[] } {
  const edits: Edit[] = [];
  const open: Link[] = [];
  const closed: Link[] = [];
  const addresses = new Map<string, string>();
  const definitions: { readonly piece: Piece; readonly name: string }[] = [];
  let definition: { name: string; address: string } | null = null;

  const words = (piece: Piece | null): string => (piece === null ? '' : source.slice(piece.from, piece.to));
  function define(piece: Piece): void {
    if (definition === null) return;
    definitions.push({ piece, name: definition.name });
    if (!addresses.has(definition.name)) addresses.set(definition.name, definition.address);
    definition = null;
  }
  function target(link: Link): Edit | null {
    if (link.resource !== null) {
      const { from, to } = link.resource;
      const put = inBrackets(words(link.destination));
      return put === source.slice(from, to) ? null : { from, to, put, kind: 'link titles' };
    }
    const put = inBrackets(addresses.get(nameOfLink(link)) ?? '');
    const { from, to } = link.reference ?? { from: link.piece.to, to: link.piece.to };
    return { from, to, put, kind: null };
  }
  return {
    enter(piece) {
      const { type } = piece;
      if (type === 'definition') definition = { name: '', address: '' };
      else if (type === 'definitionLabelString' && definition !== null) definition.name = nameOf(piece.words());
      else if (type === 'definitionDestination' && definition !== null) definition.address = piece.words();
      else if (type === 'link' || type === 'image') {
        for (const outer of open) outer.hasPicture ||= type === 'image';
        open.push({ piece, label: null, resource: null, destination: null, reference: null, name: null, hasPicture: false });
      }
      const link = open.at(-1);
      if (link === undefined) return;
      if (type === 'labelText') link.label = piece;
      else if (type === 'resource') link.resource = piece;
      else if (type === 'resourceDestination') link.destination = piece;
      else if (type === 'reference') link.reference = piece;
      else if (type === 'referenceString') link.name = piece;
    },
    exit(piece) {
      if (piece.type === 'definition') define(piece);
      if (piece.type !== 'link' && piece.type !== 'image') return;
      const link = open.pop();
      if (link !== undefined) closed.push(link);
    },
    links: () =>
      closed.flatMap(({ piece, label, hasPicture }) =>
        piece.type === 'link' && label !== null && !hasPicture ? [{ whole: piece, label }] : [],
      ),
    edits() {
      const used = new Set(closed.flatMap((link) => (link.resource === null ? [nameOfLink(link)] : [])));
      for (const { piece, name } of definitions)
        edits.push({ from: piece.from, to: piece.to, put: '', kind: used.has(name) ? null : 'definitions' });
      for (const link of closed) {
        const edit = target(link);
        if (edit !== null) edits.push(edit);
        if (link.piece.type === 'image' && words(link.label) !== '' && link.label !== null)
          edits.push({ from: link.label.from, to: link.label.to, put: '', kind: 'alt texts' });
      }
      return edits;
    },
  };
}

/** An empty name is the text's own. */
const nameOfLink = ({ name, label }: Link): string => nameOf((name ?? label)?.words() ?? '');

/** Names are the same without regard to case and blanks. */
const nameOf = (text: string): string =>
  text
    .replace(/[\t\n\r ]+/g, ' ')
    .trim()
    .toLowerCase()
    .toUpperCase();

function inBrackets(written: string): string {
  const bare = written.startsWith('<') ? written.slice(1, -1) : written;
  if (!isShownAddress(bare)) return '()';
  return written === bare && /[()\s]/.test(bare) && !isBalanced(bare) ? `(<${bare}>)` : `(${written})`;
}

function isBalanced(text: string): boolean {
  let depth = 0;
  for (const character of text) {
    if (character === '(') depth++;
    if (character === ')' && --depth < 0) return false;
    if (depth > 30) return false;
  }
  return depth === 0;
}
