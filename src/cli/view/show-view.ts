import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import { toolsIn, toolsParsed } from '../../agents/line.ts';
import type { AgentEvent } from '../../agents/words/events.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import { redactedIn } from '../../core/words/secrets.ts';
import { type Attempt, attemptsOf } from '../../transcript/read/attempts.ts';
import { errorsOnly, findToolUse, sinceOnly, toolCounts } from '../../transcript/read/filters.ts';
import { keepLearnt, readLearnt, worthKeeping } from '../../transcript/read/learnt.ts';
import { LogError, type LogLine, readLog, textOfLine } from '../../transcript/read/read.ts';
import { htmlHead, htmlShow } from '../../transcript/show/html.ts';
import { markdownShow } from '../../transcript/show/markdown.ts';
import { COLOURS, type Paint, PLAIN } from '../../transcript/show/paint.ts';
import { dayAndClock } from '../../transcript/show/quantities.ts';
import { type Show, textShow } from '../../transcript/show/text.ts';
import { momentArgument } from '../ground/moment-argument.ts';
import { pagedOutput, plainOutput } from '../ground/output.ts';
import { type AttemptsOptions, showAttempts } from './view-attempts.ts';

export interface ViewOptions extends AttemptsOptions {
  readonly task: TaskId;
  readonly detailed?: boolean;
  readonly tools?: boolean;
  readonly markdown?: boolean;
  /** `10m`, `2h`, or a time. */
  readonly since?: string;
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
  const { task } = options;
  const since = options.since === undefined ? null : momentArgument(options.since, io.now());
  const chosen = choose(await attemptsOf(logs, task), options.attempt);
  // Where no daemon ever was, nothing is left behind.
  const learnt = existsSync(join(io.root, '.tac8')) ? join(io.root, '.tac8/learnt') : null;
  const { redactorAt } = await import('../../config/read/redactor-at.ts');
  const redact = redactorAt(io.root, io.env);
  const readable = options.json !== true && options.html !== true;
  const paged = io.out.isTTY === true && options.pager !== false && options.follow !== true && readable;
  const output = paged ? await pagedOutput(io.out, io.env) : plainOutput(io.out);
  const signal = AbortSignal.any([io.signal, output.closed]);
  try {
    if (options.tools === true) output.write(await countTools(chosen, learnt, signal));
    else {
      if (options.html === true) output.write(htmlHead(`${task}: what its agent said and did`, `as of ${dayAndClock(io.now())}`));
      await showAttempts(chosen, options, {
        form: () => showOf(options, since, io, redact),
        output,
        signal,
        watched: io.out.isTTY === true && options.json !== true && options.markdown !== true,
        since,
        learnt,
        look: () => attemptsOf(logs, task),
      });
    }
  } catch (error) {
    // The reader has seen enough.
    if (!signal.aborted) throw error;
  } finally {
    await output.end();
  }
}

/** Before it is shown, not after: half a key at the end of a shortened line would be one that nobody knows. Only what is shown is looked through. */
const redacted =
  (show: Show, redact: (text: string) => string): Show =>
  (event) =>
    show(redactedIn(event, redact));

function choose(attempts: readonly Attempt[], which: string | undefined): readonly Attempt[] {
  if (which === undefined) return attempts;
  const found = /^\d+$/.test(which) ? attempts[Number(which) - 1] : attempts.find(({ run }) => run === which);
  if (found !== undefined) return [found];
  const there = attempts.map(({ run }, i) => `${i + 1} (${run ?? 'no run id'})`).join(', ');
  throw new LogError('vanished', `there is no attempt ${which}; there are: ${there}`);
}

function showOf(options: ViewOptions, since: Ms | null, io: ViewIo, redact: (text: string) => string): Show {
  const detailed = options.detailed === true;
  const colours = io.out.isTTY === true && !io.env.NO_COLOR && io.env.TERM !== 'dumb';
  const whole = redacted(formOf(options, detailed, colours ? COLOURS : PLAIN), redact);
  const chosen = options.errors === true ? errorsOnly(whole) : whole;
  return since === null ? chosen : sinceOnly(since, chosen);
}

function formOf(options: ViewOptions, detailed: boolean, paint: Paint): Show {
  if (options.json === true) return asJson;
  if (options.markdown === true) return markdownShow(detailed);
  return options.html === true ? htmlShow(detailed) : textShow({ detailed, paint });
}

const asJson = (event: AgentEvent): string => `${JSON.stringify(event)}\n`;

/** Lines that name no tool are passed over unread: a log of 1 GB takes a second, and the next time only what is new is read. */
async function countTools(attempts: readonly Attempt[], learnt: string | null, signal: AbortSignal): Promise<string> {
  const sums = toolCounts();
  for (const { path } of attempts) {
    const known = await readLearnt(learnt, path, 'tools');
    const own = toolCounts(known?.tools);
    const take = (line: LogLine): void => toolsIn(line.bytes).forEach(own.add);
    const reading = { signal, only: findToolUse };
    const { offset } = await readLog(path, known?.to ?? 0, take, reading);
    if (worthKeeping(known, offset)) await keepLearnt(learnt, path, 'tools', { to: offset, tools: own.counts() });
    // Half a line counts, too, and is not remembered.
    await readLog(path, offset, (line) => toolsParsed(textOfLine(line)).forEach(own.add), { ...reading, last: true });
    sums.join(own.counts());
  }
  return sums.sums();
}
