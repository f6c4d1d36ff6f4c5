import { writeSync } from 'node:fs';
import { guardStreams } from './streams.ts';

/** The standard output, and the other one. */
const OUT = 1;
const ERR = 2;

/**
 * Says it all, without waking Node's streams: they cost a short command a tenth of its time. What the system does not take at once, they
 * write, and say why where they cannot.
 */
export const say = (text: string | Uint8Array): void => writeAll(OUT, text);

/** The same, beside what may be piped on. */
export const sayAside = (text: string): void => writeAll(ERR, text);

function writeAll(to: typeof OUT | typeof ERR, text: string | Uint8Array): void {
  let left = typeof text === 'string' ? Buffer.from(text) : text;
  try {
    while (left.length > 0) left = left.subarray(writeSync(to, left));
  } catch (error) {
    // Nobody reads any more.
    if (error instanceof Error && 'code' in error && error.code === 'EPIPE') return;
    guardStreams();
    (to === OUT ? process.stdout : process.stderr).write(left);
  }
}
