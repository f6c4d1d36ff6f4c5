import type { Page } from './wire.ts';

/** A page as it was last read, reduced to what tac8 uses, and the tag under which the server knows that version. */
export interface Kept {
  readonly etag: string;
  readonly page: Page<unknown>;
}

/** What GitHub puts on a page where nobody says how much. */
const PER_PAGE = 30;

/**
 * The last page of a list, and full: what comes next stands on a page of its own and changes nothing of this one, so that GitHub answers "not
 * modified" for it as before, though there is a page behind it now.
 */
export function isFullEnd(url: string, data: unknown, next: string | null): boolean {
  if (next !== null || !Array.isArray(data)) return false;
  const asked = Number(new URL(url).searchParams.get('per_page') ?? PER_PAGE);
  return data.length >= (Number.isInteger(asked) && asked > 0 ? asked : PER_PAGE);
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
