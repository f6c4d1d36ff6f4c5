import type { Alert, Book, Condition, Notice, Verdict } from '../model/alert.ts';
import type { Ms } from '../model/seen.ts';

/** Since when conditions hold that are not told yet; kept in memory alone: after a restart their time begins anew. */
export type Waiting = ReadonlyMap<string, Ms>;

export interface Step {
  /** `book` itself where nothing changed. */
  readonly book: Book;
  readonly notices: readonly Notice[];
  readonly waiting: Waiting;
  /** When something may have to be told though nothing happens; null: never. */
  readonly wakeAt: Ms | null;
}

/** More would be no news any more; the oldest are let go without a word. */
const MOST = 500;

/** What is told now: each condition once when it has held long enough, and once when it is over. What nobody can tell stays as it was. */
export function stepAlerts(book: Book, { present, unsure, wakeAt }: Verdict, waiting: Waiting, now: Ms): Step {
  const seen = new Map(present.map((condition) => [condition.key, condition]));
  const known = new Set(book.map(({ key }) => key));
  const still = book.filter(({ key, rule }) => seen.has(key) || unsure.has(rule));
  const over = book.filter((alert) => !still.includes(alert));
  const held = [...seen.values()]
    .filter(({ key }) => !known.has(key))
    .map((condition) => ({ condition, since: waiting.get(condition.key) ?? now }));
  const ripe = held.filter(({ condition, since }) => since + condition.after <= now);
  const rest = held.filter((one) => !ripe.includes(one));
  const fresh = ripe.map(({ condition, since }) => begin(condition, since));
  const changed = over.length > 0 || fresh.length > 0;
  return {
    book: changed ? [...still, ...fresh].slice(-MOST) : book,
    notices: [...over.map((alert) => noticeOf('cleared', alert, now)), ...fresh.map((alert) => noticeOf('fired', alert, now))],
    waiting: new Map(rest.map(({ condition, since }) => [condition.key, since])),
    wakeAt: earliest([wakeAt, ...rest.map(({ condition, since }) => since + condition.after)]),
  };
}

const begin = ({ key, rule, task, text, hint }: Condition, since: Ms): Alert => ({ key, rule, task, text, hint, since });

function noticeOf(event: 'fired' | 'cleared', { key, rule, task, text, hint, since }: Alert, at: Ms): Notice {
  return { id: `${key}@${since}/${event}`, event, rule, task, text, hint: event === 'fired' ? hint : '', at, since };
}

const earliest = (times: readonly (Ms | null)[]): Ms | null =>
  times.reduce((first, time) => (first === null || (time !== null && time < first) ? time : first), null);
