import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { hitsIn } from './hits.ts';
import { eventsAt } from './steps.ts';

const signal = new AbortController().signal;
const said = (...texts: readonly string[]) =>
  JSON.stringify({ type: 'assistant', message: { id: 'm', content: texts.map((text) => ({ type: 'text', text })) } });

function logOf(lines: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'hits-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'log');
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const query = { text: 'Needle', regex: false, tool: null };

test('pages of any size find each step once, by the name that it has for ever', async () => {
  const lines = Array.from({ length: 60 }, (_, n) => said(`word ${n}`, n % 3 === 0 ? `a needle\nand a needle ${n}` : 'hay'));
  const path = logOf([...lines, 'no JSON at all, but a NEEDLE', said('x'.repeat(300_000)), said('the last needle')]);
  const whole = await hitsIn(path, 0, query, { limit: 1000, bytes: 1e9, signal });
  expect(whole.hits).toHaveLength(22);
  expect(whole.after).toBe(whole.size);
  for (const { offset, part, line } of whole.hits) {
    const step = (await eventsAt(path, offset, signal)).find((one) => one.part === part);
    expect(JSON.stringify(step?.event)).toContain(JSON.stringify(line).slice(1, -1));
  }
  for (const [limit, bytes] of [
    [1, 1e9],
    [7, 1e9],
    [1000, 400_000],
  ] as const) {
    const found: string[] = [];
    for (let from = 0; from < whole.size; ) {
      const page = await hitsIn(path, from, query, { limit, bytes, signal });
      expect(page.after).toBeGreaterThan(from);
      found.push(...page.hits.map(({ offset, part }) => `${offset}.${part}`));
      from = page.after;
    }
    expect(found).toEqual(whole.hits.map(({ offset, part }) => `${offset}.${part}`));
  }
});

test('a search that is given up ends so', async () => {
  const path = logOf([said('a needle')]);
  await expect(hitsIn(path, 0, query, { limit: 9, bytes: 1e9, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough');
});
