import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { running } from '../../../test/support/world/world.ts';
import { createOutlines, WORTH_KEEPING } from '../../transcript/outline/outlines.ts';
import { createKeeper } from './keeper.ts';
import { createShelf } from './shelf.ts';

const RUN = 'w-00000a';
const signal = new AbortController().signal;
const usage = { input_tokens: 1000, output_tokens: 100 };
const call = (id: string, name: string, input: unknown): string =>
  `${JSON.stringify({ type: 'assistant', message: { id: `m${id}`, model: 'claude-opus-4-1', content: [{ type: 'tool_use', id, name, input }], usage }, timestamp: '2026-11-30T00:00:00Z' })}\n`;
const end = (id: string, bad = false): string =>
  `${JSON.stringify({ type: 'user', message: { content: [{ tool_use_id: id, type: 'tool_result', content: 'out', is_error: bad }] } })}\n`;
const hay = (bytes: number): string =>
  `${JSON.stringify({ type: 'tac8', event: 'x'.repeat(1000), at: 1, run: RUN })}\n`.repeat(bytes / 1000);

function place() {
  const root = mkdtempSync(join(tmpdir(), 'kept-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const [logs, folder] = [join(root, 'logs'), join(root, 'outlines')];
  mkdirSync(logs);
  const log = join(logs, `gh-1.${RUN}.jsonl`);
  const told: unknown[] = [];
  const shelf = createShelf(folder, (error) => void told.push(error));
  /** As a daemon that has just begun: nothing is known but what is kept. */
  const looked = async () => {
    const { look } = createOutlines(2, shelf);
    const first = await look(log, 1, signal);
    const all = await look(log, 1e9, signal);
    const { size: _, ...outline } = all;
    return { first, outline };
  };
  return { logs, folder, log, told, shelf, looked, file: join(folder, `gh-1.${RUN}.json`) };
}

/** What there is without any shelf. */
const plainly = async (log: string) => {
  const { size: _, ...outline } = await createOutlines(2).look(log, 1e9, signal);
  return outline;
};

test('a long log is looked through once: a later daemon goes on where this one was, in the middle of calls and of a reply', async () => {
  const { log, looked, file, told } = place();
  const edit = { file_path: 'a.ts', old_string: 'x', new_string: 'y' };
  writeFileSync(log, call('a', 'Edit', edit) + end('a') + call('b', 'Bash', { command: 'npm test' }) + hay(WORTH_KEEPING + 1_000_000));
  const { first } = await looked();
  expect(first.after).toBeLessThan(WORTH_KEEPING);
  expect(existsSync(file)).toBe(true);
  appendFileSync(log, end('b', true) + call('c', 'Bash', { command: 'npm test' }) + end('c'));
  const again = await looked();
  expect(again.first.after).toBeGreaterThan(WORTH_KEEPING);
  expect(again.outline).toEqual(await plainly(log));
  expect(again.outline.marks.map(({ kind, ok }) => [kind, ok])).toEqual([
    ['edit', true],
    ['test', false],
    ['test', true],
  ]);
  expect(again.outline.costs).toHaveLength(3);
  expect(told).toEqual([]);
});

test.each<[string, (log: string, file: string) => void]>([
  [
    'another log has its name',
    (log) => writeFileSync(log, `${call('z', 'Bash', { command: 'npm test' })}${hay(WORTH_KEEPING + 2_000_000)}`),
  ],
  ['the log was cut', (log) => truncateSync(log, 1_000_000)],
  ['it is torn', (_, file) => truncateSync(file, 100)],
  ['it is another version’s', (_, file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"version":2', '"version":1'))],
  ['a field is another’s', (_, file) => writeFileSync(file, readFileSync(file, 'utf8').replace('"lines":', '"lines":-'))],
  [
    'a folder is in its place',
    (_, file) => {
      rmSync(file);
      mkdirSync(file);
    },
  ],
])('what is kept is not believed where %s: the log alone is', async (_, spoil) => {
  const { log, looked, file } = place();
  writeFileSync(log, call('a', 'Bash', { command: 'npm test' }) + end('a') + hay(WORTH_KEEPING + 1_000_000));
  await looked();
  spoil(log, file);
  const { first, outline } = await looked();
  expect(first.after).toBeLessThan(WORTH_KEEPING);
  expect(outline).toEqual(await plainly(log));
});

test('a long log is looked through while it grows, a short one is not; what is kept of a log that is gone goes', async () => {
  const { logs, folder, log, shelf, file, told } = place();
  const short = join(logs, 'gh-2.w-00000b.jsonl');
  writeFileSync(log, call('a', 'Bash', { command: 'ls' }) + hay(WORTH_KEEPING + 1_000_000));
  writeFileSync(short, call('a', 'Bash', { command: 'ls' }));
  mkdirSync(folder);
  writeFileSync(join(folder, 'gh-9.w-00000c.json'), '{}');
  const open = [running(RUN, 'gh-1'), running('w-00000b', 'gh-2'), running('w-00000d', 'gh-3')];
  const outlines = createOutlines(4, shelf);
  const keeper = createKeeper({
    ...{ logs, outlines, tidy: shelf.tidy, onError: (error) => void told.push(error) },
    store: { openRuns: () => open },
  });
  await keeper.look();
  expect(readdirSync(folder)).toEqual([`gh-1.${RUN}.json`]);
  const before = readFileSync(file, 'utf8');
  appendFileSync(log, hay(1_000_000));
  await keeper.look();
  expect(readFileSync(file, 'utf8')).toBe(before);
  appendFileSync(log, hay(WORTH_KEEPING));
  await keeper.look();
  expect(readFileSync(file, 'utf8')).not.toBe(before);
  await keeper.close();
  expect(told).toEqual([]);
});
