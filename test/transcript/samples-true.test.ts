import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { view } from '../../src/cli/view/show-view.ts';
import { kept } from '../support/world/kept.ts';

/*
 * What `tac8 view` says of each line of each recorded log, held against a second reading of that line: the JSON alone, with no code of ours.
 * Its time is the line's own, background is what the agent started as that, and what people said stands where they said it.
 * TAC8_SAMPLES=FOLDER looks at the logs in another folder instead.
 */

const folder = process.env.TAC8_SAMPLES ?? join(import.meta.dirname, '../fixtures/agents');
const samples = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));

// biome-ignore lint/suspicious/noExplicitAny: a line of any agent
type Line = any;

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tac8-samples-'));
  mkdirSync(join(root, 'logs'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** A mark that stands between what two lines say; it is shown as it is. */
const BETWEEN = 'between-two-lines-of-the-log';

/** What is shown of each line, in their order. */
async function shownOf(lines: readonly string[], detailed: boolean): Promise<readonly string[]> {
  writeFileSync(join(root, 'logs/gh-7.w-aaaaaa.jsonl'), lines.map((line) => `${line}\n${BETWEEN}\n`).join(''));
  const out = kept();
  const io = { root, out, env: { TERM: 'xterm' }, now: () => Date.now(), signal: new AbortController().signal };
  await view({ task: 'gh-7', detailed }, io);
  return out
    .text()
    .split(new RegExp(`^ *${BETWEEN}\\n`, 'm'))
    .slice(0, lines.length);
}

function read(line: string): Line {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

const clockOf = (ms: number): string => {
  const date = new Date(ms);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
};

/** When the line says that it was written; null: it does not. */
function ownTime(line: Line): string | null {
  const stated = line?.timestamp ?? line?.emittedAtMs ?? line?.properties?.time ?? createdAt(line);
  return stated === undefined || stated === null ? null : clockOf(typeof stated === 'number' ? stated : Date.parse(stated));
}
const createdAt = (line: Line): unknown => (line?.type === 'session.created' ? line.properties.info.time.created : undefined);

const textIn = (content: Line): string =>
  typeof content === 'string' ? content : content.flatMap((part: Line) => (part.type === 'text' ? [part.text] : [])).join('');

/** What a person is heard to say in this line; null: nobody. */
function personIn(line: Line): string | null {
  if (line?.type === 'user' && line.isReplay === true) return textIn(line.message.content);
  if (line?.type === 'message' && line.role === 'user') return line.content;
  if (line?.method === 'item/completed' && line.params.item.type === 'userMessage') return textIn(line.params.item.content);
  const part = line?.type === 'message.part.updated' ? line.properties.part : null;
  return part?.type === 'text' && part.time === undefined && part.synthetic !== true ? part.text : null;
}

test.each(samples)('%s', async (sample) => {
  const lines = readFileSync(join(folder, sample), 'utf8')
    .split('\n')
    .filter((line) => line.trim() !== '');
  const inBackground = new Set<string>();
  for (const detailed of [false, true]) {
    const shown = await shownOf(lines, detailed);
    expect(shown).toHaveLength(lines.length);
    for (const [n, text] of shown.entries()) {
      const line = read(lines[n] ?? '');
      const where = `line ${n + 1}: ${text}`;
      const time = ownTime(line);
      const times = [...text.matchAll(/^(\d\d:\d\d:\d\d) {2}/gm)].map(([, found]) => found);
      expect(new Set(times), where).toEqual(new Set(text.trim() === '' || time === null || text.startsWith('━━') ? [] : [time]));
      if (line?.type === 'system' && line.is_backgrounded === true) inBackground.add(line.task_id);
      const saysBackground = /^ *background (?!:)/m.test(text);
      const isTask = line?.type === 'system' && /^task_(?:started|notification)$/.test(line.subtype);
      expect(saysBackground, where).toBe(isTask && inBackground.has(line.task_id));
      const said = personIn(line);
      const marked = text.split('\n').flatMap((row) => / {2}» (.*)$/.exec(row)?.[1] ?? []);
      if (said === null) expect(marked, where).toEqual([]);
      else expect(marked[0], where).toBe(said.split('\n')[0]?.slice(0, 400).trimEnd());
    }
  }
});
