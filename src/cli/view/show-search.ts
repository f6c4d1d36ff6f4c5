import { join } from 'node:path';
import { parseLine } from '../../agents/line.ts';
import type { TaskId } from '../../core/model/task.ts';
import { attemptsOf } from '../../transcript/read/attempts.ts';
import { tasksIn } from '../../transcript/read/hits.ts';
import { LogError, readLog, textOfLine } from '../../transcript/read/read.ts';
import { type Hit, type Query, searchOf } from '../../transcript/read/search.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { COLOURS, type Paint, PLAIN } from '../../transcript/show/paint.ts';
import { counted, dayAndClock } from '../../transcript/show/quantities.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { type Output, pagedOutput, plainOutput } from '../ground/output.ts';
import type { ViewIo } from './show-view.ts';

export interface SearchOptions {
  readonly words: string;
  readonly regex?: boolean;
  readonly task?: TaskId;
  readonly tool?: string;
  readonly json?: boolean;
  readonly pager?: boolean;
}

/** Where a hit is. */
interface Place {
  readonly task: TaskId;
  readonly run: string | null;
  /** Its number among the attempts of its task whose logs are here, from 1. */
  readonly attempt: number;
  readonly at: number | null;
}

/** So much of a line is shown around what was found. */
const BEFORE = 60;
const AFTER = 240;

/** Looks through the logs of all tasks, or of one. Throws Exit with `failed` where nothing is found. */
export async function search(options: SearchOptions, io: ViewIo): Promise<void> {
  const query: Query = { text: options.words, regex: options.regex === true, tool: options.tool ?? null };
  checkQuery(query);
  const logs = join(io.root, 'logs');
  const tasks = options.task === undefined ? await tasksIn(logs) : [options.task];
  if (tasks.length === 0) throw new Exit(EXIT.failed, `there is no log of a task in ${logs}`);
  const paged = io.out.isTTY === true && options.pager !== false && options.json !== true;
  const output = paged ? await pagedOutput(io.out, io.env) : plainOutput(io.out);
  const signal = AbortSignal.any([io.signal, output.closed]);
  const colours = io.out.isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  const form = options.json === true ? asJson : asText(colours ? COLOURS : PLAIN);
  const { redactorAt } = await import('../../config/read/redactor-at.ts');
  const redact = redactorAt(io.root, io.env);
  const show: Showing['show'] = (hit, place) => form(redactedHit(hit, redact), place);
  let hits = 0;
  try {
    for (const task of tasks)
      hits += await searchTask(logs, task, query, { show, output, signal }).catch((error: unknown) => {
        if (options.task !== undefined || !(error instanceof LogError)) throw error;
        // What was put in the place of one log keeps nobody from the others.
        process.stderr.write(`${task} was not looked through: ${cleanLine(error.message)}\n`);
        return 0;
      });
  } catch (error) {
    if (!signal.aborted) throw error;
    return;
  } finally {
    await output.end();
  }
  if (hits === 0) throw new Exit(EXIT.failed, `"${options.words}" is in no ${whereLooked(options, tasks)}`);
}

/** As narrow as it was: what stands elsewhere is not denied. */
function whereLooked({ task, tool }: SearchOptions, tasks: readonly TaskId[]): string {
  const whose = task ?? counted(tasks.length, 'task');
  return tool === undefined ? `log of ${whose}` : `call of ${tool} in the logs of ${whose}`;
}

function checkQuery(query: Query): void {
  if (query.text === '') throw new Exit(EXIT.usage, 'there is nothing to look for: give a word');
  try {
    searchOf(query);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new Exit(EXIT.usage, `"${query.text}" is not a regular expression: ${error.message}`);
  }
}

interface Showing {
  readonly show: (hit: Hit, place: Place) => string;
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function searchTask(logs: string, task: TaskId, query: Query, { show, output, signal }: Showing): Promise<number> {
  let hits = 0;
  for (const [index, { run, path }] of (await attemptsOf(logs, task)).entries()) {
    const { only, take } = searchOf(query);
    let at: number | null = null;
    const look = (line: Parameters<typeof textOfLine>[0]): void => {
      for (const event of parseLine(textOfLine(line))) {
        at = event.at ?? at;
        for (const hit of take(event)) {
          hits += 1;
          output.write(show(hit, { task, run, attempt: index + 1, at }));
        }
      }
    };
    await readLog(path, 0, look, { signal, breathe: output.drained, last: true, ...(only === null ? {} : { only }) });
  }
  return hits;
}

/** What stands in a key is found, and not shown: whoever asks whether it is there is told so. */
function redactedHit(hit: Hit, redact: (text: string) => string): Hit {
  const line = redact(hit.line);
  return line === hit.line ? hit : { ...hit, line, start: 0, length: 0 };
}

const asJson = ({ event, who, line }: Hit, { task, run, attempt, at }: Place): string =>
  `${JSON.stringify({ task, run, attempt, at: at === null ? null : new Date(at).toISOString(), kind: event.kind, who, line })}\n`;

const asText =
  (paint: Paint) =>
  ({ who, line, start, length }: Hit, { task, attempt, at }: Place): string => {
    const time = at === null ? '' : ` ${paint.dim(dayAndClock(at))}`;
    const from = Math.max(0, start - BEFORE);
    const end = start + Math.min(length, AFTER);
    const head = cleanLine(`${from > 0 ? '…' : ''}${line.slice(from, start).trimStart()}`);
    const tail = cleanLine(`${line.slice(end, end + AFTER)}${line.length > end + AFTER ? '…' : ''}`);
    const text = `${head}${paint.red(paint.bold(cleanLine(line.slice(start, end))))}${tail}`;
    return `${paint.cyan(task)} ${attempt}${time} ${paint.bold(cleanLine(who))}: ${text.trimEnd()}\n`.toWellFormed();
  };
