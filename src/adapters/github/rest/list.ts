import { z } from 'zod';
import type { Api, ReadOptions } from './api.ts';
import { asked, GitHubError } from './problem.ts';
import type { Outgoing, Page } from './wire.ts';

/** Ten thousand entries at a hundred a page; more is a server that goes round in a circle. */
const MOST_PAGES = 100;
const ROUNDS = 3;

/** How all open ones are asked for: what comes meanwhile is at the end, and moves nothing to another page. */
export const OPEN_OLDEST_FIRST = { state: 'open', sort: 'created', direction: 'asc', per_page: 100 } as const;

type Entry = z.ZodType<{ id: number }>;

/**
 * The whole list, all pages, as it stood at one moment; throws when any page fails or it will not stand still.
 *
 * Pages are cut by position: an issue that is closed after page 1 was read moves the first one of page 2 into page 1,
 * where nobody looks again, and it would seem to have lost its label. So all pages but the last are asked once more
 * (for nothing, by ETag): if none has changed, all of them were true together when the last one was read.
 */
export async function listAll<S extends Entry>(api: Api, first: Outgoing, entry: S, options: ReadOptions): Promise<readonly z.output<S>[]> {
  const shape = z.array(entry);
  for (let round = 0; round < ROUNDS; round += 1) {
    const pages = await walk(api, first, shape, options);
    if (await stoodStill(api, pages, shape, options)) return pages.flatMap(({ page }) => page.value);
  }
  throw new GitHubError(
    'retryable',
    null,
    `${asked(first.method, first.url)}: the list changed while tac8 read it, ${ROUNDS} times in a row`,
    {
      hint: 'tac8 asks again; such a list settles soon.',
    },
  );
}

/**
 * The newest entries of a list that grows at its end, newest first, a page at a time from the last page on, until `take` wants no more. What is long
 * costs no more than what is looked at of it: anybody can make it ten thousand entries long.
 */
export async function fromTheEnd<S extends Entry>(
  api: Api,
  first: Outgoing,
  entry: S,
  options: ReadOptions,
  take: (entries: readonly z.output<S>[]) => Promise<boolean> | boolean,
): Promise<void> {
  const shape = z.array(entry);
  const begin: Page<z.output<S>[]> = await api.read(first, shape, options);
  if (begin.next === null) return void (await take(begin.value.toReversed()));
  // A server that does not tell where the end is. Where it does, the list may have grown since: its first page is the same, and names the end of then.
  if (begin.last === undefined) return void (await take((await listAll(api, first, entry, options)).toReversed()));
  const ends = (await walk(api, { ...first, url: begin.last }, shape, options)).map(({ page }) => page);
  for (const { value } of ends.toReversed()) if (!(await take(value.toReversed()))) return;
  let url = ends[0]?.before;
  for (let pages = 0; url !== undefined && pages < MOST_PAGES; pages += 1) {
    const page: Page<z.output<S>[]> = await api.read({ ...first, url }, shape, options);
    if (!(await take(page.value.toReversed()))) return;
    url = page.before;
  }
}

/** The same from the beginning on. */
export async function fromTheStart<S extends Entry>(
  api: Api,
  first: Outgoing,
  entry: S,
  options: ReadOptions,
  take: (entries: readonly z.output<S>[]) => boolean,
): Promise<void> {
  const shape = z.array(entry);
  let url: string | null = first.url;
  for (let pages = 0; url !== null && pages < MOST_PAGES; pages += 1) {
    const page: Page<z.output<S>[]> = await api.read({ ...first, url }, shape, options);
    if (!take(page.value)) return;
    url = page.next;
  }
}

interface Read<T> {
  readonly out: Outgoing;
  readonly page: Page<T[]>;
}

async function walk<S extends Entry>(
  api: Api,
  first: Outgoing,
  shape: z.ZodArray<S>,
  options: ReadOptions,
): Promise<readonly Read<z.output<S>>[]> {
  const pages: Read<z.output<S>>[] = [];
  const seen = new Set<string>();
  for (let url: string | null = first.url; url !== null; ) {
    if (seen.has(url) || seen.size >= MOST_PAGES) {
      throw new GitHubError('retryable', null, `${asked(first.method, first.url)}: the list has no end after ${seen.size} pages`);
    }
    seen.add(url);
    const out: Outgoing = { ...first, url };
    const page: Page<z.output<S>[]> = await api.read(out, shape, options);
    pages.push({ out, page });
    url = page.next;
  }
  return pages;
}

async function stoodStill<S extends Entry>(
  api: Api,
  pages: readonly Read<z.output<S>>[],
  shape: z.ZodArray<S>,
  options: ReadOptions,
): Promise<boolean> {
  for (const { out, page } of pages.slice(0, -1)) {
    const again = await api.read(out, shape, options);
    if (ids(again.value) !== ids(page.value)) return false;
  }
  return true;
}

const ids = (entries: readonly { id: number }[]): string => entries.map((entry) => entry.id).join(' ');
