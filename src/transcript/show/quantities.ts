import { isFree, moneyWords } from '../../core/limits/spend.ts';
import type { Spend } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';

const two = (n: number): string => String(n).padStart(2, '0');

/** `14:03:11`, local time. */
export function clock(at: Ms): string {
  const date = new Date(at);
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}

/** `2026-11-22 14:03:11`, local time. */
export function dayAndClock(at: Ms): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock(at)}`;
}

/** `37,725 tokens in, 94 out, $0.15`. */
export function spendWords(spend: Spend): string {
  const input = spend.inputTokens + spend.cacheReadTokens + spend.cacheWriteTokens;
  const cached = spend.cacheReadTokens > 0 ? ` (${grouped(spend.cacheReadTokens)} cached)` : '';
  const money = isFree(spend) ? '' : `, ${moneyWords(spend)}`;
  const about = (spend.tokensEstimated ?? 0) > 0 ? '≈ ' : '';
  return `${grouped(input)} tokens in${cached}, ${about}${grouped(spend.outputTokens)} out${money}`;
}

/** `1,234,567`. Intl would say the same in ten times as long. */
export function grouped(n: number): string {
  const whole = Math.round(n);
  if (Math.abs(whole) < 1000) return String(whole);
  if (!Number.isSafeInteger(whole)) return whole.toLocaleString('en-US');
  return `${grouped(Math.trunc(whole / 1000))},${String(Math.abs(whole % 1000)).padStart(3, '0')}`;
}

/** `3 lines`, `1 line`. */
export const counted = (n: number, thing: string): string => `${grouped(n)} ${thing}${n === 1 ? '' : 's'}`;

/** `26 bytes`, `1.5 KB`, `20 MB`. */
export function size(bytes: number): string {
  if (bytes < 1000) return counted(bytes, 'byte');
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(1)} KB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
