import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours where a person looks: a terminal, and NO_COLOR not set. Decided by Node's own rules. */
export const paint = (style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string =>
  styleText(style, text, { stream, validateStream: true });

/** `3 s`, `4 m`, `2 h 10 m`, `3 d`. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} m`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} m`;
  return `${Math.floor(hours / 24)} d`;
}

/** `950`, `12.3k`, `4.5M`. */
export function short(n: number): string {
  if (n < 10_000) return String(Math.round(n));
  return n < 1e6 ? `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)}k` : `${(n / 1e6).toFixed(1)}M`;
}

/** `512 MiB`, `3.1 GiB`. */
export const bytes = (n: number): string =>
  n < 1024 ** 3 ? `${Math.round(n / 1024 ** 2)} MiB` : `${(n / 1024 ** 3).toFixed(n < 100 * 1024 ** 3 ? 1 : 0)} GiB`;
