import { versionOf } from '../../../src/core/board/parse.ts';

/** `tasks.md` on disk, and what the adapter keeps beside it. */
export interface BoardFile {
  text: string | null;
  /** An editor is in the middle of writing it. */
  isBeingSaved: boolean;
  readonly copies: string[];
  /** Texts of this version: as written, then as people saved it. */
  readonly versions: (version: string) => readonly string[];
  remember(text: string): void;
}

const MOST_TEXTS = 8;

export function createBoardFile(): BoardFile {
  const known = new Map<string, string[]>();
  return {
    text: null,
    isBeingSaved: false,
    copies: [],
    versions: (version) => known.get(version) ?? [],
    remember(text) {
      const version = versionOf(text);
      if (version === null) return;
      const texts = known.get(version) ?? [];
      if (texts.includes(text)) return;
      if (texts.length >= MOST_TEXTS) texts.splice(1, 1);
      known.set(version, [...texts, text]);
      const oldest = known.keys().next().value;
      if (known.size > 1000 && oldest !== undefined) known.delete(oldest);
    },
  };
}
