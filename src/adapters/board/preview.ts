import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { takeIn } from '../../core/board/edit/take.ts';
import type { BoardBase } from '../../core/board/line/base.ts';
import { versionOf } from '../../core/board/text/version.ts';
import type { BoardReading } from '../../engine/ports/repository/board.ts';
import { readSettled, targetOf } from './file/file.ts';
import { openVersions } from './history/versions.ts';

export const DAY = 86_400_000;
/** So long the file has to stay as it is before it counts as written. */
export const SETTLE = 30;

/** Names this very text of a held edit. */
export const tokenOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** What a person changed since `base`, as the daemon's next look would find it; leaves no trace. `dir`: where the daemon keeps its versions. */
export async function previewBoard(path: string, dir: string, base: BoardBase): Promise<BoardReading> {
  const seen = await readSettled(await targetOf(path), SETTLE);
  if (seen !== null && isAsLeft(seen.text, base)) return nothingIn(base);
  const versions = openVersions(join(dir, 'versions'), DAY);
  const own = base.text === null ? null : versionOf(base.text);
  const textsOf = (version: string): readonly string[] => {
    const kept = versions.get(version);
    return version !== own || base.text === null || kept.includes(base.text) ? kept : [...kept, base.text];
  };
  const { hold, ...taken } = takeIn(base, seen?.text ?? null, textsOf, false);
  return { ...taken, held: hold === null ? null : { ...hold, token: tokenOf(seen?.text ?? '') } };
}

/** The file is the text that the daemon left there, and that text settles everything. */
const isAsLeft = (text: string, { text: left, next }: BoardBase): boolean =>
  text === left && next === undefined && text.trim() !== '' && !text.includes('<<<<<<< ') && !text.includes('\u0000');

/** A person changed nothing. Lines that cannot be read are looked for once somebody asks: a look at a task does not. */
const nothingIn = (base: BoardBase): BoardReading => ({
  intents: [],
  held: null,
  base,
  get problems() {
    return takeIn(base, base.text, () => []).problems;
  },
});
