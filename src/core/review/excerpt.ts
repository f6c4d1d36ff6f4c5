/*
 * Of a build's log the lines that tell why it failed. Logs are long, and what failed stands in the middle as often as at the end.
 */

const LINES = 60;
const LINE = 300;
const AROUND = { before: 2, after: 6 };

const TELLING = /##\[error\]|\berror\b|\bfail(?:ed|ure|s)?\b|\bpanic\b|\bexception\b|\bassert|\bnot ok\b|✗|✘|×/i;
const QUIET = /\b0 (?:errors?|fail(?:ed|ures)?)\b|\bno errors?\b/i;
/** GitHub writes the time in front of each line. */
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z /;

/** At most sixty lines: around the first and the last that tell of a failure, else the end. */
export function excerptOf(log: string): string {
  const lines = log.split('\n').map((line) => shortened(line.replace(/\r$/, '').replace(TIME, '')));
  while (lines.at(-1)?.trim() === '') lines.pop();
  const telling = lines.flatMap((line, n) => (TELLING.test(line) && !QUIET.test(line) ? [n] : []));
  if (telling.length === 0) return lines.slice(-LINES).join('\n');
  const wanted = new Set<number>();
  const take = (n: number): void => {
    for (let at = Math.max(0, n - AROUND.before); at <= Math.min(lines.length - 1, n + AROUND.after); at++)
      if (wanted.size < LINES) wanted.add(at);
  };
  // The first failure is often the cause of the rest; the last often sums them up.
  for (let n = 0; n < telling.length && wanted.size < LINES; n++) {
    const [early, late] = [telling[n], telling.at(-1 - n)];
    if (early !== undefined) take(early);
    if (late !== undefined) take(late);
  }
  const numbers = [...wanted].sort((a, b) => a - b);
  return numbers.map((n, at) => `${at > 0 && numbers[at - 1] !== n - 1 ? '[…]\n' : ''}${lines[n] ?? ''}`).join('\n');
}

const shortened = (line: string): string => (line.length > LINE ? `${line.slice(0, LINE).toWellFormed()}…` : line);
