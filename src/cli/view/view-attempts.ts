import { stat } from 'node:fs/promises';
import { parseLine } from '../../agents/line.ts';
import { addSpend } from '../../core/limits/spend.ts';
import { EMPTY_STREAM, type StreamFacts } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import { tallied } from '../../transcript/facts/spent.ts';
import { type Attempt, attemptsAfter } from '../../transcript/read/attempts.ts';
import { isSilent, type TroubleRanges, troubleRanges } from '../../transcript/read/filters.ts';
import { followLines } from '../../transcript/read/follow.ts';
import { keepLearnt, readLearnt, worthKeeping } from '../../transcript/read/learnt.ts';
import { type LogLine, lineReader, type ReadOptions, readLog, textOfLine } from '../../transcript/read/read.ts';
import { lastLines, offsetSince } from '../../transcript/read/seek.ts';
import { findTrouble } from '../../transcript/read/trouble.ts';
import { htmlFoot } from '../../transcript/show/html.ts';
import { counted, size, spendWords } from '../../transcript/show/quantities.ts';
import type { Show } from '../../transcript/show/text.ts';
import type { Output } from '../ground/output.ts';

export interface AttemptsOptions {
  readonly follow?: boolean;
  readonly errors?: boolean;
  readonly json?: boolean;
  readonly html?: boolean;
  readonly detailed?: boolean;
  /** Its number, from 1, or a run id. */
  readonly attempt?: string;
  /** Only that many lines, the last ones; of the newest attempt unless another is named. */
  readonly last?: number;
}

export interface Showing {
  /** What shows one attempt: neither times nor open calls go over into the next. */
  readonly form: () => Show;
  readonly output: Output;
  readonly signal: AbortSignal;
  readonly since: Ms | null;
  /** A person looks at a terminal. */
  readonly watched: boolean;
  /** Where what was learnt of long logs is kept; null: nowhere. */
  readonly learnt: string | null;
  /** Finds the attempts anew. */
  readonly look: () => Promise<readonly Attempt[]>;
}

/** A log longer than this is followed from near its end. */
const FOLLOWED_WHOLE = 8e6;
const FOLLOWED_LINES = 100;

/** Shows attempts one after the other, and goes on as the agent writes where that is asked for. */
export async function showAttempts(attempts: readonly Attempt[], options: AttemptsOptions, showing: Showing): Promise<void> {
  const newest = attempts.at(-1);
  if (newest === undefined) return;
  const { output, signal } = showing;
  const follows = options.follow === true;
  const last = options.last ?? (follows && showing.watched && showing.since === null ? await lastOfLong(newest, output) : null);
  if (last !== null) {
    const end = await lastLines(newest.path, last, () => printer(showing.form(), options).print, signal);
    output.write(end.text);
    await output.drained();
    if (follows) await followFrom(newest, options, showing, end);
    return;
  }
  const totals: StreamFacts[] = [];
  for (const attempt of attempts) {
    const from = showing.since === null ? 0 : await offsetSince(attempt.path, showing.since);
    const { print, sum } = printer(showing.form(), options);
    if (follows && attempt === newest) return await followFrom(attempt, options, showing, { offset: from, print });
    if (options.errors === true && showing.since === null) await readTrouble(attempt.path, showing.form(), showing);
    else await readLog(attempt.path, from, (line) => output.write(print(line)), { ...readingOf(options, showing), last: true });
    totals.push(sum());
  }
  // What was passed over cannot be summed up.
  const isPart = options.errors === true || showing.since !== null;
  const total = options.json === true || isPart ? '' : totalLine(totals);
  output.write(options.html === true ? htmlFoot(total) : total);
}

async function lastOfLong({ path }: Attempt, output: Output): Promise<number | null> {
  const { size: bytes } = await stat(path);
  if (bytes <= FOLLOWED_WHOLE) return null;
  output.write(`… the last ${FOLLOWED_LINES} lines of ${size(bytes)}; without --follow all of it is shown\n`);
  return FOLLOWED_LINES;
}

function readingOf(options: AttemptsOptions, { signal, output, since }: Showing): ReadOptions & { readonly signal: AbortSignal } {
  // With --since the lines between tell the time of those that carry none.
  const only = options.errors === true && since === null ? { only: findTrouble() } : {};
  return { signal, breathe: output.drained, ...only };
}

/** Reads where trouble is known to stand, then what is new; what that taught is kept for the next time. */
async function readTrouble(path: string, form: Show, { output, learnt, signal }: Showing): Promise<void> {
  const known = await readLearnt(learnt, path, 'trouble');
  const lines = await lineReader(path);
  const look = (ranges: TroubleRanges): [(line: LogLine) => void, ReadOptions] => [
    (line) => {
      for (const event of parseLine(textOfLine(line))) {
        const call = event.kind === 'tool_end' && !event.ok ? ranges.unread(event.id) : null;
        if (call !== null) parseLine(lines.at(call) ?? '').forEach(form);
        ranges.add({ from: line.offset, to: line.offset + line.size }, event);
        output.write(form(event));
      }
    },
    { signal, breathe: output.drained, only: findTrouble(ranges.addCall) },
  ];
  try {
    const [again, before] = look(troubleRanges(null));
    for (const { from, to } of known?.trouble ?? []) await readLog(path, from, again, { ...before, to });
    const ranges = troubleRanges(known);
    const [take, reading] = look(ranges);
    const { offset } = await readLog(path, known?.to ?? 0, take, reading);
    if (worthKeeping(known, offset)) await keepLearnt(learnt, path, 'trouble', ranges.learnt(offset));
    await readLog(path, offset, take, { ...reading, last: true });
  } finally {
    await lines.close();
  }
}

interface Printer {
  readonly print: (line: LogLine) => string;
  readonly sum: () => StreamFacts;
}

function printer(show: Show, options: AttemptsOptions): Printer {
  let sum: StreamFacts = EMPTY_STREAM;
  const all = options.json === true || options.detailed === true;
  const summed = options.errors !== true && options.json !== true && options.last === undefined;
  return {
    print: (line) => {
      if (!all && isSilent(line.bytes)) return '';
      const events = parseLine(textOfLine(line));
      if (summed) for (const event of events) sum = tallied(sum, event);
      return events.map(show).join('');
    },
    sum: () => sum,
  };
}

interface Begun {
  readonly offset: number;
  readonly print: (line: LogLine) => string;
}

/** Follows the newest attempt, and the one after it when it begins, until the reader has enough. */
async function followFrom(first: Attempt, options: AttemptsOptions, showing: Showing, begun: Begun): Promise<void> {
  const { output, signal, look } = showing;
  let attempt: Attempt | undefined = first;
  let { offset, print } = begun;
  while (attempt !== undefined && !signal.aborted) {
    const current: Attempt = attempt;
    const nextOf = (all: readonly Attempt[]): Attempt | undefined => attemptsAfter(current, all)[0];
    const done = async (): Promise<boolean> => options.attempt === undefined && nextOf(await look()) !== undefined;
    const show = print;
    await followLines(current.path, offset, (line) => output.write(show(line)), { ...readingOf(options, showing), done });
    attempt = signal.aborted ? undefined : nextOf(await look());
    [offset, print] = [0, printer(showing.form(), options).print];
  }
}

function totalLine(runs: readonly StreamFacts[]): string {
  const turns = runs.reduce((sum, { turns }) => sum + turns, 0);
  if (turns === 0) return '';
  const spend = runs.reduce((sum, run) => addSpend(sum, run.spend), EMPTY_STREAM.spend);
  return `${counted(runs.length, 'attempt')} · ${counted(turns, 'turn')} · ${spendWords(spend)}\n`;
}
