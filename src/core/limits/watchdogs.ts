import type { Measured } from '../model/household.ts';
import type { RunIn, StopCause, StreamFacts, Warning } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Spent } from '../model/task.ts';
import { limitsFor, type Policy } from '../tick/policy.ts';
import { asWritten } from '../words/span.ts';
import { LINGER, workBehind } from './background.ts';
import { dollars, moneyWords } from './spend.ts';
import { NEAR, withRun } from './spending.ts';

interface Limit {
  readonly type: StopCause['type'];
  readonly by: string;
  readonly reason: string;
  /** When it is reached; null: never. */
  readonly at: Ms | null;
  /** What it cuts off. */
  readonly unfinished?: readonly string[];
  /** When four fifths of it are reached, and what is said of it then, once. */
  readonly near?: { readonly at: Ms | null; readonly text: string };
}

/** What is known of a running worker. */
export interface Known {
  /** Null: its log cannot be read now. */
  readonly stream: StreamFacts | null;
  /** What the task's earlier runs have used. */
  readonly before: Spent | undefined;
  /** How much disk its task uses, where that was looked at. */
  readonly disk: Measured | undefined;
}

/** The limits on a running worker, each with the moment at which it is reached. */
export function limitsOf(run: RunIn<'running'>, { stream: seen, before, disk }: Known, policy: Policy): readonly Limit[] {
  const limits = limitsFor(policy, run.agent);
  const total: Limit = {
    type: 'timeout',
    by: 'limits.run_time',
    reason: `ran for ${asWritten(limits.runTime)}`,
    at: run.startedAt + limits.runTime,
    near: {
      at: run.startedAt + NEAR * limits.runTime,
      text: `runs for ${asWritten(NEAR * limits.runTime)} of ${asWritten(limits.runTime)}`,
    },
  };
  // Nobody knows what it said meanwhile, so that nobody can say that it was silent.
  const always = [total, ...limitOnDisk(disk, limits.diskBytes)];
  return seen === null ? always : [...always, ...limitsOnTime(run, seen, policy), ...limitsOnUse(run, seen, before, limits)];
}

function limitOnDisk(disk: Measured | undefined, most: number | null): readonly Limit[] {
  if (disk === undefined || most === null) return [];
  const said = `its worktree and home take ${gib(disk.bytes)} of ${gib(most)}`;
  return [
    {
      ...{ type: 'output_limit', by: 'limits.disk', reason: said, at: disk.bytes > most ? disk.at : null },
      near: { at: disk.bytes >= NEAR * most ? disk.at : null, text: said },
    },
  ];
}

const gib = (bytes: number): string =>
  bytes < 1024 ** 3 ? `${Math.round(bytes / 1024 ** 2)} MiB` : `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

const heardOf = (run: RunIn<'running'>, stream: StreamFacts): Ms => Math.max(stream.lastEventAt ?? 0, run.startedAt);

function limitsOnTime(run: RunIn<'running'>, stream: StreamFacts, { limits }: Policy): readonly Limit[] {
  const heard = heardOf(run, stream);
  const behind = workBehind(run, stream, limits.background);
  const said = behind !== null || (stream.result !== null && (stream.lastEventAt ?? 0) <= stream.result.at);
  const silent = run.agent.can.words === 'none' && stream.firstEventAt === null;
  const silence = asWritten(NEAR * limits.silence);
  return [
    {
      type: 'stalled',
      by: 'limits.first_event',
      reason: `no first event in ${asWritten(limits.firstEvent)}`,
      at: stream.firstEventAt === null && !silent ? run.startedAt + limits.firstEvent : null,
    },
    behind === null
      ? {
          type: 'lingering',
          by: 'its result',
          reason: 'it had given its result and did not exit',
          at: said ? heard + Math.min(LINGER, limits.silence) : null,
        }
      : {
          type: 'lingering',
          by: 'limits.background',
          reason: `background work went on after its result: ${behind.works.join(', ')}`,
          at: behind.what === 'tell' ? null : behind.until,
          unfinished: behind.works,
        },
    {
      type: 'stalled',
      by: 'limits.silence',
      reason: `no output for ${asWritten(limits.silence)}`,
      at: said ? null : heard + limits.silence,
      near: { at: said ? null : heard + NEAR * limits.silence, text: `no output for ${silence} of ${asWritten(limits.silence)}` },
    },
  ];
}

/** What it has used; turns and log are the run's, tokens and dollars the task's. */
function limitsOnUse(run: RunIn<'running'>, stream: StreamFacts, before: Spent | undefined, limits: Policy['limits']): readonly Limit[] {
  const heard = heardOf(run, stream);
  const { tokens, ...money } = withRun(before, stream.spend);
  const limit = (type: Limit['type'], by: string, used: number, most: number, said: string, bound: string): Limit => ({
    ...{ type, by, reason: `${said} of ${bound}`, at: used > most ? heard : null },
    near: { at: used >= NEAR * most ? heard : null, text: `${said} of ${bound}` },
  });
  const { turns } = stream;
  return [
    limit('output_limit', 'limits.log', stream.offset, limits.logBytes, `the log has ${stream.offset}`, `${limits.logBytes} bytes`),
    limit('budget', 'limits.turns', turns, limits.turns, `${turns}`, `${limits.turns} turns`),
    limit('budget', 'limits.tokens', tokens, limits.tokens, `${tokens}`, `${limits.tokens} tokens`),
    limit('budget', 'limits.usd_per_task', money.usd, limits.usdPerTask, moneyWords(money), dollars(limits.usdPerTask)),
  ];
}

export interface Checked {
  /** The limit that is reached, as a cause to stop. */
  readonly cause: StopCause | null;
  /** Limits that came near and were not told of before. */
  readonly warnings: readonly Warning[];
  /** When the next one can be reached or come near. */
  readonly next: Ms | null;
}

/** What the limits say of a run now. */
export function checkLimits(run: RunIn<'running'>, known: Known, policy: Policy, now: Ms): Checked {
  const limits = limitsOf(run, known, policy);
  const told = new Set(run.warnings?.map(({ by }) => by));
  const reached = limits.find(({ at }) => at !== null && at <= now);
  if (reached !== undefined) {
    const { type, by, reason, unfinished } = reached;
    const cause = { type, by, reason, at: now, ...(unfinished === undefined ? {} : { unfinished }) };
    return { cause, warnings: [], next: null };
  }
  const near = limits
    .filter(({ by }) => !told.has(by))
    .flatMap(({ by, near: one }) => (one?.at == null ? [] : [{ by, text: one.text, due: one.at }]));
  const warnings = near.filter(({ due }) => due <= now).map(({ by, text }) => ({ by, text, at: now }));
  const times = [...limits.map(({ at }) => at), ...near.map(({ due }) => due)].filter((at) => at !== null && at > now);
  return { cause: null, warnings, next: times.length === 0 ? null : Math.min(...times.filter((at) => at !== null)) };
}
