import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

const [MINUTE, HOUR, DAY] = [60_000, 3_600_000, 86_400_000];
const RUN_TIME = 25_000;

/** Notes its beginning, and works until it is ended. */
const AGENT = `
date >"$1/$TAC8_TASK"
while :; do echo working; sleep 0.2; done
`;

function settable(place: Workplace): (by: number) => void {
  const file = join(place.home, 'clock');
  place.env.NODE_OPTIONS = `--require ${join(import.meta.dirname, '../../support/machine/set-clock.cjs')}`;
  place.env.TAC8_TEST_CLOCK = file;
  let off = 0;
  return (by) => {
    off += by;
    // Never read half.
    writeFileSync(`${file}.new`, String(off));
    renameSync(`${file}.new`, file);
  };
}

/** In milliseconds, every time that `status` tells as an age. */
const agesIn = (text: string): number[] =>
  [...text.matchAll(/(-?\d+(?:\.\d+)?) (s|m|h|d)\b/g)].map(([, count, unit]) => Number(count) * (LENGTH[unit ?? ''] ?? Number.NaN));
const LENGTH: Readonly<Record<string, number>> = { s: 1000, m: MINUTE, h: HOUR, d: DAY };

test('the clock is set by minutes, hours and a day, back and forward, beside a live worker', { timeout: 400_000 }, async (context) => {
  const place = await workplace(context);
  const set = settable(place);
  place.configure({
    agent: place.agent(AGENT),
    max_concurrent_workers: 1,
    limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', run_time: `${RUN_TIME / 1000}s`, silence: '60s' },
  });
  const task = `gh-${place.issue('Work on')}`;
  const daemon = place.start();
  await place.until('the worker at work', () => existsSync(join(place.notes, task)));
  const begun = performance.now();
  const asked: number[] = [];
  for (const by of [-10 * MINUTE, 10 * MINUTE, -HOUR, HOUR, -DAY, DAY, HOUR]) {
    set(by);
    asked.push(place.issue(`Asked for while it was off by ${asked.length}`));
    // Polls go on: what GitHub has after that is seen.
    await place.until(`a poll after ${by}`, () => place.board().includes(`gh-${asked.at(-1)}: Asked for`), 100_000);
    const { out } = await place.tac8('status');
    // Nothing here is as old as the clock was set; the whole test is shorter than that.
    expect(agesIn(out).length, out).toBeGreaterThan(2);
    expect(Math.min(...agesIn(out)), out).toBeGreaterThanOrEqual(0);
    expect(Math.max(...agesIn(out)), out).toBeLessThan(8 * MINUTE);
    expect(out).not.toMatch(/a tick of the loop took \d{3}|not asked|nothing was written/);
  }
  // Its own limit ends the worker, neither before its time nor once the clock has caught up.
  const end = /gh-1: Work on[^[]*- Note: timeout: limits\.run_time: ran for/;
  await place.until('the end of the run', () => end.test(place.board()), RUN_TIME + 100_000);
  expect(performance.now() - begun).toBeGreaterThan(RUN_TIME / 2);
  expect(place.read('logs/tac8.log').match(/the clock was set/g)).toHaveLength(7);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});
