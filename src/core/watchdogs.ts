import type { Policy } from './policy.ts';
import type { RunIn, StopCause, StreamFacts, Warning } from './run.ts';
import type { Ms } from './seen.ts';
import { dollars, NEAR, withRun } from './spending.ts';
import type { Spent } from './task.ts';

/** How long an agent may stay after it has said its result. */
export const LINGER: Ms = 60_000;

const duration = (exact: Ms): string => {
  const ms = Math.round(exact);
  return ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;
};

interface Limit {
  readonly type: StopCause['type'];
  readonly by: string;
  readonly reason: string;
  /** When it is reached; null: never. */
  readonly at: Ms | null;
  /** When four fifths of it are reached, and what is said of it then, once. */
  readonly near?: { readonly at: Ms | null; readonly text: string };
}

/** The limits on a running worker, each with the moment at which it is reached. `seen` null: its log cannot be read now. */
export function limitsOf(run: RunIn<'running'>, seen: StreamFacts | null, before: Spent | undefined, policy: Policy): readonly Limit[] {
  const { limits } = policy;
  const total: Limit = {
    type: 'timeout',
    by: 'limits.run_time',
    reason: `ran for ${duration(limits.runTime)}`,
    at: run.startedAt + limits.runTime,
    near: { at: run.startedAt + NEAR * limits.runTime, text: `runs for ${duration(NEAR * limits.runTime)} of ${duration(limits.runTime)}` },
  };
  // Nobody knows what it said meanwhile, so that nobody can say that it was silent.
  return seen === null ? [total] : [total, ...limitsOnTime(run, seen, policy), ...limitsOnUse(run, seen, before, policy)];
}

const heardOf = (run: RunIn<'running'>, stream: StreamFacts): Ms => Math.max(stream.lastEventAt ?? 0, run.startedAt);

function limitsOnTime(run: RunIn<'running'>, stream: StreamFacts, { limits }: Policy): readonly Limit[] {
  const heard = heardOf(run, stream);
  const said = stream.result !== null && (stream.lastEventAt ?? 0) <= stream.result.at;
  const silent = run.agent.kind === 'command' && stream.firstEventAt === null;
  const silence = duration(NEAR * limits.silence);
  return [
    {
      type: 'stalled',
      by: 'limits.first_event',
      reason: `no first event in ${duration(limits.firstEvent)}`,
      at: stream.firstEventAt === null && !silent ? run.startedAt + limits.firstEvent : null,
    },
    {
      type: 'lingering',
      by: 'its result',
      reason: 'it had said its result and did not leave',
      at: said ? heard + Math.min(LINGER, limits.silence) : null,
    },
    {
      type: 'stalled',
      by: 'limits.silence',
      reason: `no output for ${duration(limits.silence)}`,
      at: said ? null : heard + limits.silence,
      near: { at: said ? null : heard + NEAR * limits.silence, text: `no output for ${silence} of ${duration(limits.silence)}` },
    },
  ];
}

/** What it has used; turns and log are the run's, tokens and dollars the task's. */
function limitsOnUse(run: RunIn<'running'>, stream: StreamFacts, before: Spent | undefined, { limits }: Policy): readonly Limit[] {
  const heard = heardOf(run, stream);
  const { tokens, usd } = withRun(before, stream.spend);
  const limit = (type: Limit['type'], by: string, used: number, most: number, say: (n: number) => string, reason = say(used)): Limit => ({
    ...{ type, by, reason, at: used > most ? heard : null },
    near: { at: used >= NEAR * most ? heard : null, text: `${say(used)} of ${say(most)}` },
  });
  return [
    limit('output_limit', 'limits.log', stream.offset, limits.logBytes, (n) => `${n} bytes of log`, `the log has ${stream.offset} bytes`),
    limit('budget', 'limits.turns', stream.turns, limits.turns, (n) => `${n} turns`),
    limit('budget', 'limits.tokens', tokens, limits.tokens, (n) => `${n} tokens`),
    limit('budget', 'limits.usd_per_task', usd, limits.usdPerTask, dollars),
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

/** What the limits say of a run now. `before`: what the task's earlier runs have used. */
export function checkLimits(
  run: RunIn<'running'>,
  stream: StreamFacts | null,
  before: Spent | undefined,
  policy: Policy,
  now: Ms,
): Checked {
  const limits = limitsOf(run, stream, before, policy);
  const told = new Set(run.warnings?.map(({ by }) => by));
  const reached = limits.find(({ at }) => at !== null && at <= now);
  if (reached !== undefined) {
    const { type, by, reason } = reached;
    return { cause: { type, by, reason, at: now }, warnings: [], next: null };
  }
  const near = limits
    .filter(({ by }) => !told.has(by))
    .flatMap(({ by, near: one }) => (one?.at == null ? [] : [{ by, text: one.text, due: one.at }]));
  const warnings = near.filter(({ due }) => due <= now).map(({ by, text }) => ({ by, text, at: now }));
  const times = [...limits.map(({ at }) => at), ...near.map(({ due }) => due)].filter((at) => at !== null && at > now);
  return { cause: null, warnings, next: times.length === 0 ? null : Math.min(...times.filter((at) => at !== null)) };
}
