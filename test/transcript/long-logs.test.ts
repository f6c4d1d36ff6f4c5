import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parseLine } from '../../src/agents/line.ts';
import { type ViewIo, type ViewOptions, view } from '../../src/cli/view/show-view.ts';
import { errorsOnly } from '../../src/transcript/read/filters.ts';
import { offsetBeforeEnd, offsetSince } from '../../src/transcript/read/seek.ts';
import { PLAIN } from '../../src/transcript/show/paint.ts';
import { textShow } from '../../src/transcript/show/text.ts';
import { type Kept, kept } from '../support/world/kept.ts';
import { until } from '../support/world/program.ts';

const fixtures = join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(fixtures).filter((name) => name.endsWith('.jsonl'));
const T0 = Date.parse('2026-11-22T00:00:00Z');

let root = '';
let log = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-long-'));
  mkdirSync(join(root, 'logs'));
  log = join(root, 'logs/gh-7.w-aaaaaa.jsonl');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const io = (out: Kept, more: Partial<ViewIo> = {}): ViewIo => ({
  ...{ root, out, env: {}, now: () => T0 + 86_400_000, signal: new AbortController().signal },
  ...more,
});
async function shown(options: Partial<ViewOptions> = {}): Promise<string> {
  const out = kept();
  await view({ task: 'gh-7', ...options }, io(out));
  return out.text();
}
const line = (n: number, text = `line ${n} ${'x'.repeat(300)}`, timed = true): string =>
  `${JSON.stringify({
    type: 'assistant',
    message: { content: [{ type: 'text', text }] },
    ...(timed ? { timestamp: new Date(T0 + n * 1000).toISOString() } : {}),
  })}\n`;
const writeLines = (count: number, each = line): void => writeFileSync(log, Array.from({ length: count }, (_, n) => each(n)).join(''));

test.each(samples)('%s: what went wrong is the same, read whole or passed over for the most part', async (sample) => {
  copyFileSync(join(fixtures, sample), log);
  const show = errorsOnly(textShow({ detailed: false, paint: PLAIN }));
  const whole = readFileSync(log, 'utf8').split('\n').flatMap(parseLine).map(show).join('');
  expect(await shown({ errors: true })).toBe(whole);
});

describe('--since', () => {
  test('finds the place by halving: what it passes over is before, and nearly all of it', async () => {
    writeLines(20_000);
    for (const n of [0, 1, 7_000, 13_333, 19_999]) {
      const offset = await offsetSince(log, T0 + n * 1000);
      const before = readFileSync(log).subarray(0, offset).toString();
      expect(before === '' || before.endsWith('\n')).toBe(true);
      const passed = before.split('\n').length - 1;
      expect(passed).toBeLessThanOrEqual(n);
      expect(passed).toBeGreaterThan(n - 2000);
      const text = await shown({ since: new Date(T0 + n * 1000).toISOString() });
      expect(text.split('\n').length - 1).toBe(20_000 - n);
      expect(text).toContain(`line ${n} `);
    }
    expect(await shown({ since: '2026-11-23T00:00:00Z' })).toBe('');
  });

  test('lines without a time, lines of many MB, a torn end and no time at all', async () => {
    writeLines(6_000, (n) => (n === 3000 ? line(n, 'y'.repeat(9_000_000), false) : line(n, undefined, n % 7 === 0)));
    appendFileSync(log, '{"type":"assis');
    expect((await shown({ since: new Date(T0 + 4_200_000).toISOString() })).split('\n').length - 1).toBe(1801);
    writeLines(3_000, (n) => line(n, undefined, false));
    expect(await offsetSince(log, T0)).toBe(0);
    writeFileSync(log, '');
    expect(await offsetSince(log, T0)).toBe(0);
  });
});

describe('--last', () => {
  test.each(samples.filter((sample) => sample.includes('sub') || sample.includes('err')))('%s: the end of the whole', async (sample) => {
    copyFileSync(join(fixtures, sample), log);
    const all = (await shown()).split(/(?<=\n)/).filter((each) => !/^\d+ attempts? · /.test(each));
    for (const last of [1, 3, 1000]) expect(await shown({ last })).toBe(all.slice(-last).join(''));
  });

  test('reads no more of a long log than it needs', async () => {
    writeLines(20_000);
    const text = await shown({ last: 2000 });
    expect(text.split('\n').length - 1).toBe(2000);
    expect(text).toMatch(/^[\d:]{8} {2}line 18000 /);
    const { from, to } = await offsetBeforeEnd(log, 100_000);
    expect(to - from).toBeGreaterThan(99_000);
    expect(to - from).toBeLessThanOrEqual(100_000);
    expect(readFileSync(log)[from - 1]).toBe(0x0a);
  });

  test('goes on where it ended, and a long log is followed from near its end on a terminal', async () => {
    writeLines(30_000);
    for (const options of [{ last: 3 }, {}]) {
      const stop = new AbortController();
      const out = Object.assign(kept(), { isTTY: true });
      const following = view({ task: 'gh-7', follow: true, ...options }, io(out, { signal: stop.signal, env: { NO_COLOR: '1' } }));
      await until('the end', () => /line 29999 x+\n$/.test(out.text()));
      appendFileSync(log, line(30_000, 'more of it'));
      await until('what is new', () => out.text().includes('more of it'));
      stop.abort();
      await following;
      const lines = out.text().trimEnd().split('\n');
      expect(lines.length).toBe(options.last === undefined ? 102 : 4);
      if (options.last === undefined) expect(lines[0]).toMatch(/^… the last 100 lines of \d+\.\d MB; without --follow/);
      writeLines(30_000);
    }
  });
});
