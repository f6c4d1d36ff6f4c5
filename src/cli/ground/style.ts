import { fstatSync, statSync } from 'node:fs';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** Colours where a person looks: a terminal, and NO_COLOR not set. Decided by Node's own rules. */
export const paint = (style: Style, text: string, stream?: NodeJS.WriteStream): string =>
  stream === undefined && isPlain() ? text : styleText(style, text, { stream: stream ?? process.stdout, validateStream: true });

let plain: boolean | null = null;

/** What is said goes to a file, a pipe or nowhere: told without waking Node's streams, which a short command does not need. */
function isPlain(): boolean {
  plain ??= process.env.FORCE_COLOR === undefined && !mayBeTerminal();
  return plain;
}

/** False: it is none for certain. */
export function mayBeTerminal(): boolean {
  try {
    const out = fstatSync(1);
    return out.isCharacterDevice() && out.rdev !== statSync('/dev/null').rdev;
  } catch {
    return true;
  }
}

/** `950`, `12.3k`, `4.5M`. */
export function short(n: number): string {
  if (n < 10_000) return String(Math.round(n));
  return n < 1e6 ? `${(n / 1e3).toFixed(n < 1e5 ? 1 : 0)}k` : `${(n / 1e6).toFixed(1)}M`;
}

/** `512 MiB`, `3.1 GiB`. */
export const bytes = (n: number): string =>
  n < 1024 ** 3 ? `${Math.round(n / 1024 ** 2)} MiB` : `${(n / 1024 ** 3).toFixed(n < 100 * 1024 ** 3 ? 1 : 0)} GiB`;
