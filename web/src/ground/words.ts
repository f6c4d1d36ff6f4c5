/* Numbers and times as people read them. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `8 s`, `12 min`, `3 h 05`, `2 d` */
export function span(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1000));
  if (s < MINUTE) return `${s} s`;
  if (s < HOUR) return `${Math.floor(s / MINUTE)} min`;
  if (s < DAY) return `${Math.floor(s / HOUR)} h ${String(Math.floor((s % HOUR) / MINUTE)).padStart(2, '0')}`;
  return `${Math.floor(s / DAY)} d`;
}

/** `30 s`, `1.5 min`, `2 h`: a mark on an axis, none of which says what another one says. */
export function mark(ms: number): string {
  const parts = [
    [3_600_000, 'h'],
    [60_000, 'min'],
    [1_000, 's'],
  ] as const;
  const [unit, name] = parts.find(([one]) => ms >= one) ?? [1_000, 's'];
  return `${Number((ms / unit).toFixed(2))} ${name}`;
}

/** How long something took, where parts of a second matter: `40 ms`, `1.4 s`. */
export function took(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return ms < 60_000 ? `${(ms / 1000).toFixed(1)} s` : span(ms);
}

export const dollars = (usd: number): string => `$${usd.toFixed(usd < 100 && usd !== Math.round(usd) ? 2 : 0)}`;

/** What it cost: stated, by the price of its model (`≈`), or not known; `–` where no agent has told any. */
export function cost({ usd, usdEstimated = 0, tokensUnpriced = 0, logsUnread = 0 }: Money): string {
  const isPart = tokensUnpriced + logsUnread > 0;
  if (usd === 0 && !isPart) return '–';
  if (isPart) return usd > 0 ? `more than ${dollars(usd)}` : 'unknown';
  return `${usdEstimated > 0 ? '≈ ' : ''}${usd > 0 && usd < 0.01 ? `$${usd.toFixed(4)}` : dollars(usd)}`;
}

export interface Money {
  readonly usd: number;
  readonly usdEstimated?: number | undefined;
  readonly tokensUnpriced?: number | undefined;
  readonly logsUnread?: number | undefined;
}

/** Whether anything is known to have cost something. */
export const hasCost = (money: Money): boolean => cost(money) !== '–';

/** Of all of them together, with what is not certain. */
export function sumOfMoney(all: readonly Money[]): Money {
  const sum = (of: (one: Money) => number | undefined): number => all.reduce((total, one) => total + (of(one) ?? 0), 0);
  return {
    usd: sum(({ usd }) => usd),
    usdEstimated: sum(({ usdEstimated }) => usdEstimated),
    tokensUnpriced: sum(({ tokensUnpriced }) => tokensUnpriced),
    logsUnread: sum(({ logsUnread }) => logsUnread),
  };
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

export function bytes(count: number): string {
  let left = count;
  let unit = 0;
  while (left >= 1000 && unit < UNITS.length - 1) {
    left /= 1000;
    unit += 1;
  }
  return `${left < 10 && unit > 0 ? left.toFixed(1) : Math.round(left)} ${UNITS[unit] ?? ''}`;
}

const count = new Intl.NumberFormat('en-US');
export const amount = (value: number): string => count.format(value);

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
/** `14:03:22`, where the reader is. */
export const clockTime = (ms: number): string => clock.format(ms);

const dayOf = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
/** `29 Nov`, where the reader is. */
export const day = (ms: number): string => dayOf.format(ms);

export const plural = (many: number, one: string, more = `${one}s`): string => `${amount(many)} ${many === 1 ? one : more}`;

/** Signs that turn a line around or hide a part of it, and those that no screen shows. */
const UNSEEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** A stranger's text with what hides or turns it made visible. */
export const plain = (text: string): string =>
  text
    // Colours of a terminal say nothing here.
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(UNSEEN, '\ufffd');

/** What is so, and what to do: two sentences. */
export const withHint = ({ message, hint }: { readonly message: string; readonly hint: string }): string =>
  `${message}${/[.!?:]$/.test(message) ? '' : '.'} ${hint}`;

export interface RequestsLeft {
  readonly remaining: number;
  readonly of: number | null;
  /** When all are there again, ISO 8601. */
  readonly anew: string | null;
}

/** What GitHub's limit leaves; below a fifth of it also how long until all are there again. */
export function requestsLeft({ remaining, of, anew }: RequestsLeft, now: number): { readonly value: string; readonly isLittle: boolean } {
  const isLittle = of !== null && remaining < of / 5;
  const until = anew === null || !isLittle ? '' : `, all again in ${span(Date.parse(anew) - now)}`;
  return { value: `${amount(remaining)}${until}`, isLittle };
}
