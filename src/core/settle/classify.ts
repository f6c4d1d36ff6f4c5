import type { CauseOf } from '../advice/hints.ts';
import type { Abilities } from '../agent/abilities.ts';
import { resetIn, saysLimit } from '../limits/reset.ts';
import type { Failure, FailureType } from '../model/failure.ts';
import type { Exit, Inspection, Outcome, StopCause, StreamFacts, TurnResult } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { CLAIMED } from '../steer/verbs.ts';
import { LABEL_GONE } from '../voices/intake.ts';
import { questionIn, whatThereIs } from './no-work.ts';

/** Everything that is known of a run once its tree is gone. */
export interface Evidence {
  /** Null: nobody recorded how it ended. */
  readonly exit: Exit | null;
  /** Who or what here ended it; null: nobody here did. */
  readonly cause: StopCause | null;
  readonly stream: StreamFacts;
  /** Why the end of its log cannot be read, if it cannot: `stream` may lack its last words. */
  readonly unread?: string | null;
  readonly inspection: Inspection;
  readonly can: Abilities;
  /** The machine was started anew since the run began. */
  readonly rebooted: boolean;
  /** It never came to a process. */
  readonly failedStart: Failure | null;
}

/**
 * How a run ended. The order is the point: what a person wanted, then what the agent said last, then the exit code.
 * The exit code is not believed alone: agents exit with 0 when they were interrupted. What the agent's own words mean, its folder has
 * said already (`TurnEnd`, `Refusal`).
 */
export function classify(evidence: Evidence, now: Ms): Outcome {
  const { cause, failedStart, exit, stream } = evidence;
  const fail = failing(evidence, now);
  if (cause !== null && isPersons(cause)) return fail(cause.type, whoseEnd(cause), cause.reason, { by: cause.by });
  if (failedStart !== null) return { kind: 'failed', failure: failedStart, resumable: false };
  if (cause !== null && cause.type !== 'lingering') return byLimit(evidence, cause, fail, now);
  const signal = exit === null ? null : signalOf(exit);
  // Ended politely from outside while nobody here asked for it: a person's `kill`.
  if (cause === null && signal !== null && POLITE.has(signal)) return fail('killed', 'outside', `ended by ${signal} from outside`);
  if (evidence.unread) return fail('unknown', 'unread', `its last words are unknown: ${evidence.unread}`);
  if (cause !== null) return byLimit(evidence, cause, fail, now);
  if (stream.result !== null) return byResult(evidence, stream.result, fail, now);
  if (exit === null)
    return evidence.rebooted
      ? fail('interrupted', 'any', 'the machine went down')
      : fail('crash', 'gone', 'it is gone and left no exit code');
  if (signal === 'SIGKILL' && exit.outOfMemory === true)
    return fail('out_of_memory', 'memory', 'the kernel ended it: it had reached its memory limit (limits.memory)');
  if (signal !== null) return fail('crash', 'signal', `ended by ${signal}, which tac8 did not send`);
  return byExit(evidence, exit, fail, now);
}

type Fail = <T extends FailureType>(
  type: T,
  cause: CauseOf<T>,
  message: string,
  options?: { readonly until?: Ms | null; readonly resumable?: boolean; readonly by?: string },
) => Outcome;

/** A conversation that has a name can be taken up again, unless what ended it stands in the conversation itself. */
function failing(evidence: Evidence, now: Ms): Fail {
  const canResume = evidence.can.resume && evidence.stream.session !== null;
  return (type, cause, message, options = {}) => ({
    kind: 'failed',
    failure: {
      type,
      message: oneLine(message),
      at: now,
      cause,
      ...(canResume ? {} : { afresh: true }),
      ...(options.until ? { until: options.until } : {}),
      ...(options.by ? { by: options.by } : {}),
    },
    resumable: canResume && (options.resumable ?? true),
  });
}

/** Whose word ended it, of those that `hints.ts` tells apart. */
function whoseEnd({ type, by, reason }: PersonsCause): CauseOf<PersonsCause['type']> {
  if (type === 'cancelled' && by === CLAIMED) return 'claimed' as CauseOf<PersonsCause['type']>;
  if (type !== 'cancelled' || by !== LABEL_GONE) return 'person';
  // The words for a pull that is over, and for an issue that is closed or asks for nothing.
  return (reason.startsWith('pull #') ? 'over' : 'issue') as CauseOf<PersonsCause['type']>;
}

type PersonsCause = StopCause & { readonly type: 'stopped' | 'killed' | 'cancelled' };
export const isPersons = (cause: StopCause): cause is PersonsCause =>
  cause.type === 'stopped' || cause.type === 'killed' || cause.type === 'cancelled';

/** A limit of ours ended it. Where the agent had said its result and would not go, the result counts. */
function byLimit(evidence: Evidence, cause: StopCause, fail: Fail, now: Ms): Outcome {
  const { stream } = evidence;
  const why = `${cause.by}: ${cause.reason}`;
  if (cause.type !== 'lingering') return overran(stream) ? finished(evidence, fail) : fail(cause.type, limitOf(cause), why);
  if (stream.result === null) return fail('unknown', 'lingering', why);
  // What our own ladder cut off was a further turn, after the work.
  if (stream.result.end === 'interrupted') return finished(evidence, fail);
  return byResult(evidence, stream.result, fail, now);
}

/** The limit's own name, where `hints.ts` tells it from the others of its type. */
const limitOf = <T extends FailureType>({ by }: StopCause): CauseOf<T> => by.replace(/^limits\./, '') as CauseOf<T>;

/** The agent's last word was a good end of its work. */
function overran(stream: StreamFacts): boolean {
  const result = stream.result;
  return result?.end === 'completed' && (stream.lastEventAt ?? 0) <= result.at;
}

function byResult(evidence: Evidence, result: TurnResult, fail: Fail, now: Ms): Outcome {
  const says = result.text || result.subtype;
  const reason = result.terminalReason ?? result.end;
  switch (result.end) {
    case 'completed':
    case 'ended':
      return finished(evidence, fail);
    case 'interrupted':
      return fail('killed', 'outside', `interrupted from outside (${reason})`);
    case 'stopped':
      return fail('stopped', 'hook', `a hook ended it (${reason})`);
    case 'turns':
      return fail('budget', 'turns', `limits.turns: ${says}`);
    case 'dollars':
      return fail('budget', 'usd_per_task', `limits.usd_per_task: ${says}`);
    case 'failed':
      return fail('agent_error', 'said', says, { resumable: false });
    case 'refused':
      return byProvider(evidence.stream, result, fail, now);
  }
}

/** The provider refused: which way is told by the HTTP status, and by what the agent says of it where there is none or it is shared. */
function byProvider(stream: StreamFacts, result: TurnResult, fail: Fail, now: Ms): Outcome {
  const status = result.apiErrorStatus;
  const refusal = stream.providerError?.refusal ?? null;
  const message = status === null ? result.text : `${status}: ${result.text}`;
  if (refusal === 'money' || status === 402) return fail('billing_error', 'any', message);
  if (status === 401 || status === 403 || refusal === 'login') return fail('auth_error', 'any', message);
  if (status === 429 || refusal === 'limit' || (status === null && saysLimit(result.text)))
    return limited(message, stream.limitedUntil ?? resetIn(result.text, now), fail);
  if (status !== null && (status >= 500 || status === 408)) return fail('provider_error', 'any', message);
  // Other 4xx, a refusal, a prompt too long: the conversation itself is the trouble, and would be again.
  if (status !== null || refusal === 'request') return fail('agent_error', 'request', message, { resumable: false });
  return fail('provider_error', 'any', message);
}

/** A limit without a stated end is taken to be a short one. */
const limited = (message: string, until: Ms | null, fail: Fail): Outcome =>
  fail('usage_limit', 'any', until === null ? `a rate limit that does not say when it ends: ${message}` : message, { until });

/** No result: the exit code is all there is, and the last line, where it tells of a limit. */
function byExit(evidence: Evidence, exit: Exit, fail: Fail, now: Ms): Outcome {
  const { can, stream } = evidence;
  const last = stream.activity ?? '';
  if (exit.code !== 0 && saysLimit(last)) return limited(`exit code ${exit.code}: ${last}`, resetIn(last, now), fail);
  if (exit.code === 126 || exit.code === 127)
    return fail('startup_error', 'command', `exit code ${exit.code}: its command could not be run`);
  if (can.end === 'exit') return exit.code === 0 ? finished(evidence, fail) : fail('agent_error', 'said', `exit code ${exit.code}`);
  if (stream.events === 0) return fail('startup_error', 'silent', `exit code ${exit.code} before its first event`);
  if (exit.code === 0) return fail('unknown', 'any', 'it ended without a result, exit code 0');
  return fail('agent_error', 'said', `exit code ${exit.code} without a result`);
}

/** The agent says that it is done: the worktree says whether it is. */
function finished(evidence: Evidence, fail: Fail): Outcome {
  const { inspection, stream } = evidence;
  if (inspection.question !== null) return { kind: 'blocked', question: inspection.question };
  const unfinished = evidence.cause?.unfinished ?? stream.background ?? [];
  if (inspection.commits > 0 && inspection.changed !== false) return { kind: 'done', ...(unfinished.length === 0 ? {} : { unfinished }) };
  const { message, cause, asks } = whatThereIs(inspection, stream, unfinished);
  const asked = asks ? questionIn(stream.result?.text ?? '') : null;
  return asked === null ? fail('no_pr', cause, message) : { kind: 'blocked', question: asked };
}

const POLITE = new Set(['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT']);
const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  24: 'SIGXCPU',
  25: 'SIGXFSZ',
  31: 'SIGSYS',
};

/** A shell reports death by signal n as 128 + n. */
const signalOf = (exit: Exit): string | null =>
  exit.code > 128 && exit.code < 193 ? (SIGNALS[exit.code - 128] ?? `signal ${exit.code - 128}`) : null;

export function oneLine(text: string): string {
  const line = text.replace(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return line.length > 500 ? `${line.slice(0, 499)}…` : line;
}
