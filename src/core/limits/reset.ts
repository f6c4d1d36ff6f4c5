import type { Ms } from '../model/seen.ts';

const MINUTE: Ms = 60_000;
const HOUR: Ms = 60 * MINUTE;
const DAY: Ms = 24 * HOUR;
/** No limit of a provider lasts longer; a text that says so is not believed. */
const LONGEST: Ms = 8 * DAY;

/** Words for a limit that a provider has set, as providers and agents write them. */
const LIMIT =
  /\b(?:(?:usage|session|weekly|daily|hourly|\d+-hour|rate|request|spending) limit (?:has been |was |is )?(?:reached|exceeded|hit)|(?:hit|reached|exceeded) (?:your|the|its) [\w -]{0,30}limit|limit (?:has been )?reached\b|too many requests|rate[_ ]limit(?:ed|_error)\b|429\b.{0,30}\brate limit)/i;

export const saysLimit = (text: string): boolean => LIMIT.test(text);

const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const UNITS: readonly (readonly [RegExp, Ms])[] = [
  [/^(?:ms|milli)/i, 1],
  [/^s/i, 1_000],
  [/^m/i, MINUTE],
  [/^h/i, HOUR],
  [/^d/i, DAY],
];

/** When a limit ends, by the words that tell of it: seconds since 1970, a date, a span, or the time of a day. Null: they do not say. Pure. */
export function resetIn(text: string, now: Ms): Ms | null {
  const at = epochIn(text) ?? dateIn(text) ?? spanIn(text, now) ?? clockIn(text, now);
  return at !== null && at > now && at <= now + LONGEST ? at : null;
}

function epochIn(text: string): Ms | null {
  const found = /(?:\||\bresets?(?:[_ ]?at)?["']?[ :=]{1,3})(\d{10})(\d{3})?(?!\d)/i.exec(text);
  return found === null ? null : Number(found[1]) * 1000 + Number(found[2] ?? 0);
}

function dateIn(text: string): Ms | null {
  const found = /\b(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d{1,9})?(?:Z|([+-])(\d\d):?(\d\d))?/.exec(text);
  if (found === null) return null;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = found.slice(1, 7).map((part) => Number(part ?? 0));
  const ahead = (found[7] === '-' ? -1 : 1) * (Number(found[8] ?? 0) * HOUR + Number(found[9] ?? 0) * MINUTE);
  return dayOf(year, month - 1, day) * DAY + hour * HOUR + minute * MINUTE + second * 1000 - ahead;
}

/** Days since 1970 of a date of the calendar; months from 0. */
function dayOf(year: number, month: number, day: number): number {
  // Years that begin with March have the leap day at their end.
  const from = month < 2 ? year - 1 : year;
  const era = Math.floor(from / 400);
  const inEra = from - era * 400;
  const inYear = Math.floor((153 * ((month + 10) % 12) + 2) / 5) + day - 1;
  return era * 146_097 + inEra * 365 + Math.floor(inEra / 4) - Math.floor(inEra / 100) + inYear - 719_468;
}

const SPAN = /\b(?:resets?|again|retry|try|wait)[ -]?(?:after|in|for)?[ :]{1,3}(?:after |in )?(?=\d)/i;
const PART =
  /(?:,? (?:and )?)?(\d{1,6}(?:\.\d{1,9})?) ?(ms|milliseconds?|s|secs?|seconds?|m|mins?|minutes?|h|hrs?|hours?|d|days?)(?![a-z])/iy;

/** `in 20s`, `in 1h30m`, `in 3 days 4 hours 5 minutes`. */
function spanIn(text: string, now: Ms): Ms | null {
  const begins = SPAN.exec(text);
  if (begins === null) return null;
  const part = new RegExp(PART);
  part.lastIndex = begins.index + begins[0].length;
  let span: Ms | null = null;
  for (let found = part.exec(text); found !== null; found = part.exec(text)) {
    const unit = UNITS.find(([pattern]) => pattern.test(found?.[2] ?? ''))?.[1] ?? 0;
    span = (span ?? 0) + Math.ceil(Number(found[1]) * unit);
  }
  return span === null ? null : now + span;
}

/** `resets 11pm (UTC)`, `resets Mon 9:30am`, `resets Dec 3 at 14:00 (Europe/Berlin)`, `try again at Dec 3rd, 2026 3:19 PM`; without a zone it is the machine's. */
function clockIn(text: string, now: Ms): Ms | null {
  const found =
    /\b(?:resets?|again) (?:at |on )?(?:(sun|mon|tue|wed|thu|fri|sat)[a-z]{0,6},? )?(?:(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6} (\d{1,2})(?:st|nd|rd|th)?,? (?:\d{4},? )?)?(?:at )?(\d{1,2})(?::(\d\d))? ?(am|pm)?(?: ?\(([\w/+-]{1,40})\)| (UTC|GMT)\b)?/i.exec(
      text,
    );
  if (found === null) return null;
  const [, weekday, month, day, hours = '', minutes, half, named, utc] = found;
  const zone = named ?? utc;
  // `resets 3` says nothing.
  if (minutes === undefined && half === undefined) return null;
  const hour = half === undefined ? Number(hours) : (Number(hours) % 12) + (half.toLowerCase() === 'pm' ? 12 : 0);
  for (let n = 0; n <= 8; n += 1) {
    const date = wallOf(now + n * DAY, zone);
    if (date === null) return null;
    if (month !== undefined && (date.month !== MONTHS.indexOf(month.toLowerCase()) || date.day !== Number(day))) continue;
    if (weekday !== undefined && date.weekday !== WEEKDAYS.indexOf(weekday.toLowerCase())) continue;
    const at = atWall(date, hour, Number(minutes ?? 0), zone);
    if (at > now) return at;
  }
  return null;
}

/** Of the day, by the machine's clock. */
export function minuteOfDay(now: Ms): number {
  const here = now + (wallOf(now, undefined)?.ahead ?? 0);
  return Math.floor((((here % DAY) + DAY) % DAY) / MINUTE);
}

interface Wall {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly weekday: number;
  /** How far the zone's clocks are ahead of UTC then. */
  readonly ahead: Ms;
}

/** Null: nobody knows the zone. */
function wallOf(at: Ms, zone: string | undefined): Wall | null {
  try {
    const options = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' } as const;
    const format = new Intl.DateTimeFormat('en-US', { ...options, hourCycle: 'h23', ...(zone === undefined ? {} : { timeZone: zone }) });
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
    const [year, month, day] = [part('year'), part('month') - 1, part('day')];
    const days = dayOf(year, month, day);
    const wall = days * DAY + part('hour') * HOUR + part('minute') * MINUTE + part('second') * 1000;
    const ahead = Math.round((wall - at) / MINUTE) * MINUTE;
    return { year, month, day, weekday: (days + 4) % 7, ahead };
  } catch {
    return null;
  }
}

/** Where the clocks are changed between, the zone's distance at that very time counts. */
function atWall({ year, month, day, ahead }: Wall, hour: number, minute: number, zone: string | undefined): Ms {
  const wall = dayOf(year, month, day) * DAY + hour * HOUR + minute * MINUTE;
  return wall - (wallOf(wall - ahead, zone)?.ahead ?? ahead);
}
