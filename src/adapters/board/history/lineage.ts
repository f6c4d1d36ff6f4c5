import { closest } from '../../../core/board/edit/take.ts';
import { type MergeNote, mergeBoards } from '../../../core/board/merge/merge.ts';
import { asRevision, versionOf } from '../../../core/board/text/version.ts';
import type { VersionStore } from './versions.ts';

/** Which text came from which, so that an edit is always measured against the text that its editor had loaded. */
export interface Lineage {
  /** The newest text that stood in the file, or is to stand there. */
  latest: string | null;
  /** The text under a version of its own, where it differs from one that was written in words of people alone. */
  revision(text: string): string;
  /** A text that came out of the file in place of `expected`, brought together with what was written over it. */
  reconcile(cameOut: string, expected: string | null, written: string, told: MergeNote[]): string;
  /**
   * A save from an editor that had loaded an earlier text puts that text back over everything newer: what the editor changed is
   * brought onto the newest text instead.
   */
  catchUp(text: string, told: MergeNote[]): string;
  /** Whether the text, caught up, is of the newest version: one that nobody remembers cannot be. */
  isNewest(text: string): boolean;
}

export function traceLineage(versions: VersionStore): Lineage {
  const merge = (from: string, theirs: string, ours: string, told: MergeNote[]): string => {
    const merged = mergeBoards(from, theirs, ours);
    told.push(...merged.notes);
    return merged.text;
  };
  const lineage: Lineage = {
    latest: null,
    isNewest(text) {
      const version = versionOf(text);
      return lineage.latest === null || version === null || version === versionOf(lineage.latest);
    },
    revision: (text) => asRevision(text, (version) => versions.get(version).length > 0),
    reconcile(cameOut, expected, written, told) {
      const version = versionOf(cameOut);
      const same = expected === null || version === null || version === versionOf(expected);
      const from = same ? (expected ?? '') : (closest(versions.get(version), cameOut) ?? expected);
      const text = merge(from, cameOut, written, told);
      return text === written ? written : lineage.revision(text);
    },
    catchUp(text, told) {
      const { latest } = lineage;
      const version = versionOf(text);
      if (latest === null || lineage.isNewest(text)) return text;
      const from = version === null ? undefined : closest(versions.get(version), text);
      return from === undefined ? text : merge(from, text, latest, told);
    },
  };
  return lineage;
}
