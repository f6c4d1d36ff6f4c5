import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { iso } from '../../api/iso.ts';
import { QUERIES } from '../../api/queries.ts';
import type { HitJson, LogHits, TranscriptHits } from '../../api/transcript.ts';
import { isTaskId, type TaskId } from '../../core/model/task.ts';
import { redactor } from '../../core/words/secrets.ts';
import { type Attempt, attemptsOf } from '../../transcript/read/attempts.ts';
import { hitsIn, type PlacedHit, tasksIn } from '../../transcript/read/hits.ts';
import { LogError } from '../../transcript/read/read.ts';
import { queryOf, taskIn } from './answer.ts';
import type { Desk } from './desk.ts';
import { attemptOf } from './transcript.ts';

/** A search that takes longer is given up. */
const PATIENCE = 20_000;
/** So much is looked through for one answer; who wants more asks on. */
const LOOKED_THROUGH = 512 * 1024 * 1024;
/** So much of a line is shown around what was found. */
const BEFORE = 60;
const BEHIND = 240;
const redact = redactor([]);

/** What agents said and did, found by its words. */
export function addSearchRoutes(app: Hono<{ Bindings: HttpBindings }>, desk: Desk): void {
  app.get('/tasks/:task/transcript/hits', async (c) => {
    const task = taskIn(c);
    const { run, text, tool, after, limit } = queryOf(c, QUERIES.hits);
    const { attempt } = await attemptOf(desk, task, run);
    const query = { text, regex: false, tool: tool ?? null };
    const options = { limit, bytes: LOOKED_THROUGH, signal: AbortSignal.timeout(PATIENCE) };
    const { hits, after: to, size } = await hitsIn(attempt.path, after, query, options);
    return c.json({
      ...{ at: iso(desk.now()), task, run: attempt.run },
      hits: hits.map((hit) => hitJson(hit, task, attempt.run)),
      ...{ after: to, size },
    } satisfies TranscriptHits);
  });
  app.get('/search', async (c) => {
    const { text, tool, limit, after } = queryOf(c, QUERIES.search);
    const query = { text, regex: false, tool: tool ?? null };
    const signal = AbortSignal.timeout(PATIENCE);
    const found: HitJson[] = [];
    let left = LOOKED_THROUGH;
    let next: string | null = null;
    for await (const { task, attempt, from } of logsFrom(desk.logs, after)) {
      if (found.length >= limit || left <= 0) {
        next = cursor(task, attempt, from);
        break;
      }
      const page = await readable(hitsIn(attempt.path, from, query, { limit: limit - found.length, bytes: left, signal }));
      if (page === null) continue;
      const { hits, after: to, size } = page;
      found.push(...hits.map((hit) => hitJson(hit, task, attempt.run)));
      left -= to - from;
      if (to >= size) continue;
      next = cursor(task, attempt, to);
      break;
    }
    return c.json({ at: iso(desk.now()), hits: found, next } satisfies LogHits);
  });
}

const cursor = (task: TaskId, { run }: Attempt, offset: number): string => `${task}/${run ?? ''}/${offset}`;

interface Place {
  readonly task: TaskId;
  readonly attempt: Attempt;
  readonly from: number;
}

/** Null: the log cannot be read. What was put in the place of one log, or cleaned away meanwhile, keeps nobody from the others. */
async function readable<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof LogError) return null;
    throw error;
  }
}

/** Every log from a place on. */
async function* logsFrom(logs: string, after: string | undefined): AsyncGenerator<Place> {
  const [of = '', run = '', offset = '0'] = after?.split('/') ?? [];
  const tasks = (await tasksIn(logs)).toReversed();
  const begin = isTaskId(of) ? tasks.indexOf(of) : 0;
  for (const task of tasks.slice(Math.max(0, begin))) {
    const attempts = ((await readable(attemptsOf(logs, task))) ?? []).toReversed();
    const index = task === of ? attempts.findIndex((one) => (one.run ?? '') === run) : -1;
    for (const attempt of attempts.slice(Math.max(0, index)))
      yield { task, attempt, from: task === of && (attempt.run ?? '') === run ? Number(offset) : 0 };
  }
}

/** Where a key was taken out, what was found is marked as far as it is still there. */
function cleanHit({ line, start, length }: PlacedHit): Pick<PlacedHit, 'line' | 'start' | 'length'> {
  const clean = redact(line);
  if (clean === line) return { line, start, length };
  const found = clean.indexOf(line.slice(start, start + length), Math.max(0, start - (line.length - clean.length)));
  return found === -1 ? { line: clean, start: 0, length: 0 } : { line: clean, start: found, length };
}

function hitJson(hit: PlacedHit, task: TaskId, run: string | null): HitJson {
  const { offset, part, at, who } = hit;
  const { line, start, length } = cleanHit(hit);
  const from = Math.max(0, start - BEFORE);
  const shown = line.slice(from, start + Math.min(length, BEHIND) + BEHIND).toWellFormed();
  return { task, run, offset, part, at: iso(at), who, line: shown, start: start - from, length: Math.min(length, BEHIND) };
}
