import type { Page } from './wire.ts';

/** A page as it was last read, reduced to what tac8 uses, and the tag under which the server knows that version. */
export interface Kept {
  readonly etag: string;
  readonly page: Page<unknown>;
}

/** Pages, not bytes: they are kept in their reduced form, a few kilobytes each. */
const MOST = 500;

/** What was read, by URL and Accept, so that "has it changed?" costs no allowance. The least recently used page goes first. */
export function createEtagStore(most = MOST) {
  const pages = new Map<string, Kept>();
  return {
    get(key: string): Kept | undefined {
      const kept = pages.get(key);
      if (kept) {
        pages.delete(key);
        pages.set(key, kept);
      }
      return kept;
    },
    set(key: string, kept: Kept): void {
      pages.delete(key);
      pages.set(key, kept);
      const oldest = pages.keys().next();
      if (pages.size > most && !oldest.done) pages.delete(oldest.value);
    },
    drop(key: string): void {
      pages.delete(key);
    },
  };
}
