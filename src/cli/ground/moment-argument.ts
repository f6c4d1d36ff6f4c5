import type { Ms } from '../../core/model/seen.ts';
import { EXIT, Exit } from './exit-codes.ts';

/** How far back `report` looks unless it is told. */
export const REPORTED_SINCE = '30d';

const UNITS: Readonly<Record<string, Ms>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m` (ago), `14:30` (today), `2026-11-22` or `2026-11-22T14:30`; local time, but with a zone behind it. Throws an error that says what is accepted. */
export function momentArgument(text: string, now: Ms): Ms {
  const at = agoOf(text, now) ?? todayOf(text, now) ?? dateOf(text);
  if (at === null) throw new Exit(EXIT.usage, `"${text}" is not a time: write 10m, 2h, 7d, 14:30, 2026-11-22 or 2026-11-22T14:30`);
  if (at > now) throw new Exit(EXIT.usage, `"${text}" is in the future`);
  return at;
}

/** Longer ago than all time is all time. */
function agoOf(text: string, now: Ms): Ms | null {
  const ago = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  return ago === null ? null : Math.max(0, now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0));
}

function todayOf(text: string, now: Ms): Ms | null {
  const time = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(text);
  return time === null ? null : new Date(now).setHours(Number(time[1]), Number(time[2]), Number(time[3] ?? 0), 0);
}

/** Node reads "1" as a year and the 31st of February as a day of March; neither was meant. */
function dateOf(text: string): Ms | null {
  const date = /^(\d{4}-\d\d-\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  const day = date?.[1];
  if (day === undefined || Number.isNaN(Date.parse(day)) || new Date(day).toISOString().slice(0, 10) !== day) return null;
  const at = Date.parse(text === day ? `${day}T00:00` : text);
  return Number.isNaN(at) ? null : at;
}
