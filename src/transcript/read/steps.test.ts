import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import { eventsAt, type LogPage, type PlacedEvent, pageBackward, pageForward } from './steps.ts';

const signal = new AbortController().signal;
const folder = (): string => {
  const made = mkdtempSync(join(tmpdir(), 'steps-'));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
};

const use = (id: string) => ({ type: 'tool_use', id, name: 'Bash', input: { command: `run ${id}` } });
const result = (id: string, bad: boolean) => ({ type: 'tool_result', tool_use_id: id, is_error: bad, content: bad ? 'failed' : 'fine' });
const said = (content: readonly unknown[]) =>
  JSON.stringify({ type: 'assistant', message: { id: 'm', content }, parent_tool_use_id: null });
const heard = (content: readonly unknown[]) => JSON.stringify({ type: 'user', message: { content }, parent_tool_use_id: null });

const named = ({ events }: LogPage): readonly string[] => events.map(name);
const name = ({ offset, part }: PlacedEvent): string => `${offset}.${part}`;

/** All pages from the end to the beginning, put together. */
async function allBackward(path: string, limit: number, errors: boolean): Promise<readonly string[]> {
  let all: readonly string[] = [];
  for (let to: number | null = null, n = 0; n < 10_000; n += 1) {
    const page: LogPage = await pageBackward(path, to, { limit, errors, signal });
    all = [...named(page), ...all];
    if (page.before === null) return all;
    expect(page.before).toBeLessThan(to ?? Number.POSITIVE_INFINITY);
    to = page.before;
  }
  throw new Error('it does not come to an end');
}

async function allForward(path: string, limit: number, errors: boolean): Promise<readonly string[]> {
  const all: string[] = [];
  for (let from = 0, n = 0; n < 10_000; n += 1) {
    const page: LogPage = await pageForward(path, from, { limit, errors, signal });
    all.push(...named(page));
    if (page.after === from) return all;
    from = page.after;
  }
  throw new Error('it does not come to an end');
}

test('pages of any size, forward or backward, are the whole log, each step once and in its order', async () => {
  const path = join(folder(), 'log');
  const line = fc.oneof(
    fc.integer({ min: 1, max: 4 }).map((n) => said(Array.from({ length: n }, (_, i) => ({ type: 'text', text: `part ${i}` })))),
    fc.constantFrom('no json', '', '{"type":"tac8","event":"x","at":1,"run":"w-000001"}'),
    fc.integer({ min: 200_000, max: 400_000 }).map((n) => `x${'y'.repeat(n)}`),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), fc.integer({ min: 1, max: 9 }), async (lines, limit) => {
      writeFileSync(path, lines.map((text) => `${text}\n`).join(''));
      const whole = named(await pageForward(path, 0, { limit: 1e6, errors: false, signal }));
      expect(await allForward(path, limit, false)).toEqual(whole);
      expect(await allBackward(path, limit, false)).toEqual(whole);
    }),
    { numRuns: 40 },
  );
});

test('errors only: what failed, with the call that it belongs to', async () => {
  const path = join(folder(), 'log');
  const lines = [
    said([use('a')]),
    heard([result('a', false)]),
    said([use('b'), use('c')]),
    heard([result('b', true)]),
    heard([result('c', false)]),
  ];
  writeFileSync(path, lines.map((text) => `${text}\n`).join(''));
  const kinds = ({ events }: LogPage) => events.map(({ event }) => `${event.kind} ${'id' in event ? event.id : ''}`);
  const all = { limit: 100, errors: true, signal };
  expect(kinds(await pageForward(path, 0, all))).toEqual(['tool_start b', 'tool_end b']);
  expect(kinds(await pageBackward(path, null, all))).toEqual(['tool_start b', 'tool_end b']);
});

test('a half line at the end waits; one step is found where its line begins, and nowhere else', async () => {
  const path = join(folder(), 'log');
  const first = said([{ type: 'text', text: 'one' }]);
  writeFileSync(path, `${first}\n${said([{ type: 'text', text: 'two' }])}\n{"type":"half`);
  const page = await pageBackward(path, null, { limit: 10, errors: false, signal });
  expect(named(page)).toEqual(['0.0', `${first.length + 1}.0`]);
  const { after } = page;
  writeFileSync(path, `${first}\n${said([{ type: 'text', text: 'two' }])}\n${said([{ type: 'text', text: 'three' }])}\n`);
  expect(named(await pageForward(path, after, { limit: 10, errors: false, signal }))).toEqual([`${after}.0`]);
  expect((await eventsAt(path, first.length + 1, signal)).map(({ event }) => event)).toMatchObject([{ text: 'two' }]);
  expect(await eventsAt(path, 5, signal)).toEqual([]);
});
