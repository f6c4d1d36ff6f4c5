import { stripVTControlCharacters } from 'node:util';

/** The size of a terminal; a pipe has none. */
interface Screen {
  readonly rows?: number;
  readonly columns?: number;
}

/** As much of the text as the screen has room for, wrapped lines counted as what they take: what stands first must not scroll away. */
export function onScreen(text: string, { rows, columns }: Screen): string {
  if (rows === undefined || columns === undefined) return text;
  const lines = text.trimEnd().split('\n');
  const heights = lines.map((line) => Math.max(1, Math.ceil(stripVTControlCharacters(line).length / columns)));
  const all = heights.reduce((sum, height) => sum + height, 0);
  // The last row stays free: a line break there would scroll.
  if (all < rows) return `${lines.join('\n')}\n`;
  let shown = 0;
  for (let room = rows - 2; shown < heights.length; shown += 1) {
    room -= heights[shown] ?? 1;
    if (room < 0) break;
  }
  return `${lines.slice(0, shown).join('\n')}\n… ${lines.length - shown} more lines: \`tac8 status\``;
}
