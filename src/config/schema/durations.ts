import type { Ms } from '../../core/model/seen.ts';

const UNITS: Readonly<Record<string, Ms>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** One or more numbers with their units, largest first or not: `30s`, `1h30m`, `1.5h`. */
export const DURATION_PATTERN = /^(\d+(\.\d+)?(ms|s|m|h|d))+$/;

/** `1h30m` → 5400000; null for anything that is not written as a duration. */
export function parseDuration(text: string): Ms | null {
  if (!DURATION_PATTERN.test(text)) return null;
  let total = 0;
  for (const [, number = '', unit = ''] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/gy)) {
    total += Number(number) * (UNITS[unit] ?? Number.NaN);
  }
  return Math.round(total);
}
