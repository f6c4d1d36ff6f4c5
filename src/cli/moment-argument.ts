import type { Ms } from '../core/seen.ts';
import { EXIT, Exit } from './exit-codes.ts';

const UNITS: Readonly<Record<string, Ms>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `10m` (ago), `14:30` (today, local time), or a date. Throws an error that says what is accepted. */
export function momentArgument(text: string, now: Ms): Ms {
  const ago = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text);
  if (ago !== null) return now - Number(ago[1]) * (UNITS[ago[2] ?? ''] ?? 0);
  const today = /^(\d{1,2}):(\d{2})(?::(\d{2}))?$/.exec(text);
  if (today !== null) return new Date(now).setHours(Number(today[1]), Number(today[2]), Number(today[3] ?? 0), 0);
  const date = Date.parse(text);
  if (Number.isNaN(date)) throw new Exit(EXIT.usage, `"${text}" is no time: write 10m, 2h, 14:30 or 2026-11-22T14:30`);
  return date;
}
