const EMOJI = String.raw`\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\uFE0F)?`;
/** A joiner or selector stays inside an emoji, where it shows: families, keycaps, the flags of three countries. */
const SHOWN = String.raw`${EMOJI}(?:\u200D${EMOJI})*|[0-9#*]\uFE0F\u20E3`;
const FLAGS = ['gbeng', 'gbsct', 'gbwls'].map(
  (name) => `\u{1F3F4}${[...name].map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0))).join('')}\u{E007F}`,
);
/** Scripts whose letters join or part by a joiner between them. */
const JOINING = ['Arab', 'Syrc', 'Mong', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh', 'Khmr', 'Mymr'];
const LETTER = `[${JOINING.map((script) => String.raw`\p{Script=${script}}`).join('')}]`;
/** Braille blank shows as nothing without being "ignorable"; fillers, selectors, tags, direction marks all are. Tab and line feed show. */
const INVISIBLE = String.raw`[\p{Cf}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2800\u0000-\u0008\u000b-\u001f\u007f-\u009f]`;
const SHOWN_OR_NOT = new RegExp(`(${FLAGS.join('|')}|${SHOWN}|(?<=${LETTER})[\\u200C\\u200D](?=${LETTER}))|${INVISIBLE}`, 'gu');
const ALONE = new RegExp(`^${INVISIBLE}$`, 'u');

/** Where characters stand that show as nothing. */
export function invisibleIn(text: string): readonly (readonly [from: number, to: number])[] {
  const found: (readonly [number, number])[] = [];
  for (const { 0: whole, 1: shown, index } of text.matchAll(SHOWN_OR_NOT))
    if (shown === undefined) found.push([index, index + whole.length]);
  return found;
}

export const withoutInvisible = (text: string): string => text.replace(SHOWN_OR_NOT, (_all, shown: string | undefined) => shown ?? '');

export const isInvisible = (character: string): boolean => ALONE.test(character);
