import type { MergeNote } from '../../core/board/merge/merge.ts';
import type { BoardNote } from './contract.ts';
import type { Copies } from './file/copies.ts';

/** Tells people about their words, each thing once. */
export interface Teller {
  /** What a merge could not bring in; `whole` is kept as a copy where words are missing from the file. */
  tell(notes: readonly MergeNote[], whole: string): Promise<void>;
  /** Keeps a text and says why; without a reason it is only kept. */
  keep(text: string, why: string): Promise<void>;
  /** Keeps a file by moving it. */
  setAside(path: string, why: string): Promise<void>;
  fault(message: string): void;
}

export function createTeller(copies: Copies, onNote: (note: BoardNote) => void): Teller {
  // The same note comes up again while the file that caused it stands.
  const told = new Set<string>();
  const kept = (path: string, why: string): BoardNote => ({
    line: 0,
    message: `a version of tasks.md is kept in ${path}: ${why}`,
    words: '',
    copy: path,
  });
  return {
    async tell(notes, whole) {
      const fresh = notes.filter(({ message, words }) => !told.has(`${message}\n${words}`));
      if (fresh.length === 0) return;
      if (told.size > 1000) told.clear();
      const copy = fresh.some((note) => note.words !== '') ? await copies.keep(whole) : null;
      for (const note of fresh) {
        told.add(`${note.message}\n${note.words}`);
        onNote({ ...note, copy: note.words === '' ? null : copy });
      }
    },
    async keep(text, why) {
      const path = await copies.keep(text);
      if (why !== '') onNote(kept(path, why));
    },
    async setAside(path, why) {
      onNote(kept(await copies.move(path), why));
    },
    fault: (message) => onNote({ line: 0, message, words: '', copy: null }),
  };
}
