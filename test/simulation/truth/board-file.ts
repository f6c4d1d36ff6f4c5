import type { VersionStore } from '../../../src/adapters/board/history/versions.ts';
import { versionOf } from '../../../src/core/board/text/parse.ts';

/** `tasks.md` on disk, and what the adapter keeps beside it. */
export interface BoardFile {
  text: string | null;
  /** An editor is in the middle of writing it. */
  isBeingSaved: boolean;
  readonly copies: string[];
  readonly versions: VersionStore;
}

const MOST_TEXTS = 8;
const MOST_VERSIONS = 1_000;

export const createBoardFile = (): BoardFile => ({ text: null, isBeingSaved: false, copies: [], versions: createVersions() });

function createVersions(): VersionStore {
  const known = new Map<string, string[]>();
  return {
    get: (version) => known.get(version) ?? [],
    put(text) {
      const version = versionOf(text);
      if (version === null) return;
      const texts = known.get(version) ?? [];
      if (texts.includes(text)) return;
      if (texts.length >= MOST_TEXTS) texts.splice(1, 1);
      known.set(version, [...texts, text]);
      const oldest = known.keys().next().value;
      if (known.size > MOST_VERSIONS && oldest !== undefined) known.delete(oldest);
    },
  };
}
