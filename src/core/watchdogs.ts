import type { Policy } from './policy.ts';
import type { RunIn, StopCause, StreamFacts } from './run.ts';
import type { Ms } from './seen.ts';

/** How long an agent may stay after it has said its result. */
export const LINGER: Ms = 60_000;

const duration = (ms: Ms): string =>
  ms % 3_600_000 === 0 ? `${ms / 3_600_000}h` : ms % 60_000 === 0 ? `${ms / 60_000}m` : `${ms / 1000}s`;

interface Limit {
  readonly type: StopCause['type'];
  readonly by: string;
  readonly reason: string;
  /** When it is reached; null: never. */
  readonly at: Ms | null;
}

/** The limits on a running worker, each with the moment at which it is reached. `seen` null: its log cannot be read now. */
function limitsOf(run: RunIn<'running'>, seen: StreamFacts | null, policy: Policy): readonly Limit[] {
  const { limits } = policy;
  const total: Limit = {
    type: 'timeout',
    by: 'limits.run_time',
    reason: `ran for ${duration(limits.runTime)}`,
    at: run.startedAt + limits.runTime,
  };
  // Nobody knows what it said meanwhile, so that nobody can say that it was silent.
  return seen === null ? [total] : [total, ...limitsOnWords(run, seen, policy)];
}

function limitsOnWords(run: RunIn<'running'>, stream: StreamFacts, { limits }: Policy): readonly Limit[] {
  const heard = Math.max(stream.lastEventAt ?? 0, run.startedAt);
  const said = stream.result !== null && (stream.lastEventAt ?? 0) <= stream.result.at;
  const silent = run.agent.kind === 'command' && stream.firstEventAt === null;
  const tokens = stream.spend.inputTokens + stream.spend.outputTokens + stream.spend.cacheWriteTokens + stream.spend.cacheReadTokens;
  const over = (yes: boolean): Ms | null => (yes ? heard : null);
  return [
    {
      type: 'stalled',
      by: 'limits.first_event',
      reason: `no first event in ${duration(limits.firstEvent)}`,
      at: stream.firstEventAt === null && !silent ? run.startedAt + limits.firstEvent : null,
    },
    { type: 'lingering', by: 'its result', reason: 'it had said its result and did not leave', at: said ? heard + LINGER : null },
    {
      type: 'stalled',
      by: 'limits.silence',
      reason: `no output for ${duration(limits.silence)}`,
      at: said ? null : heard + limits.silence,
    },
    { type: 'output_limit', by: 'limits.log', reason: `the log has ${stream.offset} bytes`, at: over(stream.offset > limits.logBytes) },
    { type: 'budget', by: 'limits.turns', reason: `${stream.turns} turns`, at: over(stream.turns > limits.turns) },
    { type: 'budget', by: 'limits.tokens', reason: `${tokens} tokens`, at: over(tokens > limits.tokens) },
    {
      type: 'budget',
      by: 'limits.usd_per_task',
      reason: `$${stream.spend.usd.toFixed(2)}`,
      at: over(stream.spend.usd > limits.usdPerTask),
    },
  ];
}

/** The limit that is reached, as a cause to stop; or when the next one can be. */
export function checkLimits(
  run: RunIn<'running'>,
  stream: StreamFacts | null,
  policy: Policy,
  now: Ms,
): { cause: StopCause | null; next: Ms | null } {
  let next: Ms | null = null;
  for (const limit of limitsOf(run, stream, policy)) {
    if (limit.at === null) continue;
    if (limit.at <= now) return { cause: { type: limit.type, by: limit.by, reason: limit.reason, at: now }, next: null };
    if (next === null || limit.at < next) next = limit.at;
  }
  return { cause: null, next };
}
