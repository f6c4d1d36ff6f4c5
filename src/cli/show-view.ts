import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { EMPTY_STREAM, type StreamFacts } from '../core/run.ts';
import type { Ms } from '../core/seen.ts';
import { type Attempt, attemptsOf } from '../transcript/attempts.ts';
import type { AgentEvent } from '../transcript/events.ts';
import { advance } from '../transcript/facts.ts';
import { errorsOnly, sinceOnly, toolCounts } from '../transcript/filters.ts';
import { followLines } from '../transcript/follow.ts';
import { htmlFoot, htmlHead, htmlShow } from '../transcript/html.ts';
import { parseLine } from '../transcript/line.ts';
import { markdownShow } from '../transcript/markdown.ts';
import { COLOURS, type Paint, PLAIN } from '../transcript/paint.ts';
import { counted, dayAndClock, spendWords } from '../transcript/quantities.ts';
import { findBytes, LogError, type LogLine, readLog, textOfLine } from '../transcript/read.ts';
import { type Show, textShow } from '../transcript/text.ts';
import { momentArgument } from './moment-argument.ts';
import { type Output, pagedOutput, plainOutput } from './output.ts';
import { taskArgument } from './task-argument.ts';

export interface ViewOptions {
  readonly task: string;
  readonly detailed?: boolean;
  readonly follow?: boolean;
  readonly tools?: boolean;
  readonly errors?: boolean;
  readonly json?: boolean;
  readonly markdown?: boolean;
  readonly html?: boolean;
  /** `10m`, `2h`, or a time. */
  readonly since?: string;
  /** The how-manieth, from 1, or a run id. */
  readonly attempt?: string;
  readonly pager?: boolean;
}

export interface ViewIo {
  /** The repository's root: `logs/` is below it. */
  readonly root: string;
  readonly out: Writable & { readonly isTTY?: boolean };
  readonly env: NodeJS.ProcessEnv;
  readonly now: () => Ms;
  /** Ends --follow. */
  readonly signal: AbortSignal;
}

/** Shows the conversation of a task, all attempts of it, from the log files alone. Throws errors that a person can read. */
export async function view(options: ViewOptions, io: ViewIo): Promise<void> {
  const logs = join(io.root, 'logs');
  const task = taskArgument(options.task);
  const chosen = choose(await attemptsOf(logs, task), options.attempt);
  const readable = options.json !== true && options.html !== true;
  const paged = io.out.isTTY === true && options.pager !== false && options.follow !== true && readable;
  const output = paged ? await pagedOutput(io.out, io.env) : plainOutput(io.out);
  const signal = AbortSignal.any([io.signal, output.closed]);
  try {
    if (options.tools === true) output.write(await countTools(chosen, signal));
    else {
      if (options.html === true) output.write(htmlHead(`${task}: what its agent said and did`, `as of ${dayAndClock(io.now())}`));
      await showAll(chosen, options, io, output, signal, () => attemptsOf(logs, task));
    }
  } catch (error) {
    // The reader has seen enough.
    if (!signal.aborted) throw error;
  } finally {
    await output.end();
  }
}

function choose(attempts: readonly Attempt[], which: string | undefined): readonly Attempt[] {
  if (which === undefined) return attempts;
  const found = /^\d+$/.test(which) ? attempts[Number(which) - 1] : attempts.find(({ run }) => run === which);
  if (found !== undefined) return [found];
  const there = attempts.map(({ run }, i) => `${i + 1} (${run ?? 'no run id'})`).join(', ');
  throw new LogError('vanished', `there is no attempt ${which}; there are: ${there}`);
}

async function showAll(
  attempts: readonly Attempt[],
  options: ViewOptions,
  io: ViewIo,
  output: Output,
  signal: AbortSignal,
  look: () => Promise<readonly Attempt[]>,
): Promise<void> {
  const totals: StreamFacts[] = [];
  const newest = attempts.at(-1);
  const reading = { signal, breathe: output.drained };
  /** Each attempt is shown by itself: neither times nor open calls go over into the next. */
  const printer = (): ((line: LogLine) => StreamFacts) => {
    const show = showOf(options, io);
    let facts: StreamFacts = EMPTY_STREAM;
    return (line) => {
      const events = parseLine(textOfLine(line));
      facts = advance(facts, events, line.size, line.writtenAt);
      output.write(events.map(show).join(''));
      return facts;
    };
  };
  for (const attempt of attempts) {
    if (options.follow === true && attempt === newest) return await followFrom(attempt, printer, reading, options, look);
    const print = printer();
    let facts: StreamFacts = EMPTY_STREAM;
    const take = (line: LogLine): void => {
      facts = print(line);
    };
    await readLog(attempt.path, 0, take, { ...reading, last: true });
    totals.push(facts);
  }
  const total = options.json === true || options.errors === true ? '' : totalLine(totals);
  output.write(options.html === true ? htmlFoot(total) : total);
}

/** Follows the newest attempt, and the one after it when it begins, until the reader has enough. */
async function followFrom(
  first: Attempt,
  printer: () => (line: LogLine) => StreamFacts,
  reading: { readonly signal: AbortSignal; readonly breathe: () => Promise<void> },
  options: ViewOptions,
  look: () => Promise<readonly Attempt[]>,
): Promise<void> {
  let attempt: Attempt | undefined = first;
  while (attempt !== undefined && !reading.signal.aborted) {
    const current: Attempt = attempt;
    const nextOf = (all: readonly Attempt[]): Attempt | undefined => all[all.findIndex(({ path }) => path === current.path) + 1];
    const done = async (): Promise<boolean> => options.attempt === undefined && nextOf(await look()) !== undefined;
    await followLines(current.path, 0, printer(), { ...reading, done });
    attempt = reading.signal.aborted ? undefined : nextOf(await look());
  }
}

function showOf(options: ViewOptions, io: ViewIo): Show {
  const detailed = options.detailed === true;
  const colours = io.out.isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  const whole = formOf(options, detailed, colours ? COLOURS : PLAIN);
  const chosen = options.errors === true ? errorsOnly(whole) : whole;
  return options.since === undefined ? chosen : sinceOnly(momentArgument(options.since, io.now()), chosen);
}

function formOf(options: ViewOptions, detailed: boolean, paint: Paint): Show {
  if (options.json === true) return asJson;
  if (options.markdown === true) return markdownShow(detailed);
  return options.html === true ? htmlShow(detailed) : textShow({ detailed, paint });
}

const asJson = (event: AgentEvent): string => `${JSON.stringify(event)}\n`;

const NAMES_A_TOOL = findBytes('"tool_use"');

/** Lines that name no tool are passed over unread: a log of 1 GB takes a second. */
async function countTools(attempts: readonly Attempt[], signal: AbortSignal): Promise<string> {
  const counts = toolCounts();
  for (const { path } of attempts) {
    const take = (line: LogLine): void => parseLine(textOfLine(line)).forEach(counts.add);
    await readLog(path, 0, take, { signal, last: true, only: NAMES_A_TOOL });
  }
  return counts.sums();
}

function totalLine(runs: readonly StreamFacts[]): string {
  const turns = runs.reduce((sum, { turns }) => sum + turns, 0);
  if (turns === 0) return '';
  const spend = runs.reduce(
    (sum, run) => ({
      inputTokens: sum.inputTokens + run.spend.inputTokens,
      outputTokens: sum.outputTokens + run.spend.outputTokens,
      cacheReadTokens: sum.cacheReadTokens + run.spend.cacheReadTokens,
      cacheWriteTokens: sum.cacheWriteTokens + run.spend.cacheWriteTokens,
      usd: sum.usd + run.spend.usd,
    }),
    EMPTY_STREAM.spend,
  );
  return `${counted(runs.length, 'attempt')} · ${counted(turns, 'turn')} · ${spendWords(spend)}\n`;
}
