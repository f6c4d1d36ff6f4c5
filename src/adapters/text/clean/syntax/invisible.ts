import { invisibleIn, isInvisible } from '../../../../core/words/invisible.ts';
import { type Edit, type Range, touches } from './edits.ts';

const WIDE = /[\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/g;

/** Characters that show as nothing, everywhere; spaces of other widths become plain ones, but in code. */
export function invisibleEdits(text: string, code: readonly Range[]): readonly Edit[] {
  const edits: Edit[] = invisibleIn(text).map(([from, to]) => ({ from, to, put: '', kind: 'invisible characters' }));
  for (const { index } of text.matchAll(WIDE))
    if (!touches(code, index, index + 1)) edits.push({ from: index, to: index + 1, put: ' ', kind: null });
  return edits;
}

const NAMED = new Set(
  (
    'shy zwj zwnj lrm rlm ZeroWidthSpace NegativeVeryThinSpace NegativeThinSpace NegativeMediumSpace NegativeThickSpace NoBreak ' +
    'InvisibleTimes it InvisibleComma ic ApplyFunction af'
  ).split(' '),
);

/** `&#8203;`, `&shy;`: written with visible letters, and shows as nothing. */
export function isInvisibleReference(whole: string): boolean {
  const [, decimal, hex, name] = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{1,40}));$/.exec(whole) ?? [];
  if (name !== undefined) return NAMED.has(name);
  if (decimal === undefined && hex === undefined) return false;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return true;
  return code === 0 || isInvisible(String.fromCodePoint(code));
}

const BLANK = new Set(
  'nbsp ensp emsp emsp13 emsp14 numsp puncsp thinsp hairsp MediumSpace ThinSpace VeryThinSpace ThickSpace Tab NewLine'.split(' '),
);
const isBlankReference = (whole: string): boolean => {
  const [, decimal, hex, name = ''] = /^&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z0-9]{1,40}));$/.exec(whole) ?? [];
  if (BLANK.has(name)) return true;
  const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal);
  return code <= 0x10ffff && String.fromCodePoint(code).trim() === '';
};

/** The text of a link that has nothing to see: blanks, tags around nothing, marks of emphasis around nothing. */
export const showsNothing = (text: string): boolean =>
  text
    .replace(/<\/?(?!img[\s/>])[a-z][^<>]{0,2000}>/gi, '')
    .replace(REFERENCE, (one) => (isInvisibleReference(one) || isBlankReference(one) ? '' : one))
    .replace(/[\s*_~]/g, '') === '';

export const REFERENCE = /&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{1,40});/g;
