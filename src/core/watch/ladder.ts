import type { Run, Rung, StopCause, StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Policy } from '../tick/policy.ts';

/*
 * An agent is asked before it is made to, and what it has in hand says how long each asking is worth waiting for:
 *
 *   ask        it begins no further tool (the run's hooks deny it). A tool in hand may end: stop.tool. With none in hand there is
 *              nothing to wait for but word of one that has just begun. An agent whose words nobody here reads gets until its next line, at most as long.
 *   interrupt  by its own protocol: stop.interrupt. Left out where it has none, and where its turn is over already.
 *   signal     SIGINT: stop.interrupt once more
 *   terminate  SIGTERM: stop.terminate
 *   kill       SIGKILL to the whole tree, repeated every stop.kill until it is seen gone
 *
 * An agent whose turn is over leaves by itself as soon as its input ends; what keeps it longer is something it left running.
 */
const RUNGS: Readonly<Record<StopCause['type'], readonly Rung[]>> = {
  stopped: ['ask', 'interrupt', 'signal', 'terminate', 'kill'],
  cancelled: ['ask', 'interrupt', 'signal', 'terminate', 'kill'],
  killed: ['kill'],
  timeout: ['ask', 'interrupt', 'signal', 'terminate', 'kill'],
  stalled: ['interrupt', 'signal', 'terminate', 'kill'],
  output_limit: ['terminate', 'kill'],
  budget: ['ask', 'interrupt', 'signal', 'terminate', 'kill'],
  startup_error: ['terminate', 'kill'],
  interrupted: ['ask', 'interrupt', 'signal', 'terminate', 'kill'],
  lingering: ['terminate', 'kill'],
};

/** What an agent has in hand, as far as its words tell. */
export type InHand =
  /** `result`: when it last said one, for it may have begun another turn since. */
  | { readonly kind: 'tool' | 'reply'; readonly result: Ms | null }
  /** Its turn is over. */
  | { readonly kind: 'rest'; readonly result: Ms }
  /** Nobody here reads its words; when it last said some. */
  | { readonly kind: 'unknown'; readonly word: Ms | null };

/** How long it may take until a tool that has begun is known of here. */
const TOLD: Ms = 1_000;
/** How long an agent with nothing in hand may take to leave. */
const LEAVE: Ms = 1_000;

export function inHand(agent: Run['agent'], stream: StreamFacts): InHand {
  if (agent.can.words === 'none') return { kind: 'unknown', word: stream.lastEventAt };
  const result = stream.result?.at ?? null;
  if (result !== null && stream.inTurn !== true) return { kind: 'rest', result };
  return { kind: (stream.tools ?? []).length > 0 ? 'tool' : 'reply', result };
}

export type Step = { readonly take: Rung } | { readonly wait: Ms };

/** The rung to take now, or until when the last one has time. The last rung is taken again and again until the tree is gone. */
export function nextRung(
  run: { readonly cause: StopCause; readonly rung: Rung | null; readonly rungAt: Ms | null },
  hand: InHand,
  stop: Policy['stop'],
  now: Ms,
): Step {
  const { rung, rungAt } = run;
  const rungs = RUNGS[run.cause.type].filter((one) => one !== 'interrupt' || (hand.kind !== 'unknown' && hand.kind !== 'rest'));
  if (rung === null || rungAt === null) return { take: rungs[0] ?? 'kill' };
  const over = dueAt(rung, rungAt, hand, stop);
  if (now < over) return { wait: over };
  return { take: rungs.find((one) => ORDER.indexOf(one) > ORDER.indexOf(rung)) ?? 'kill' };
}

const ORDER: readonly Rung[] = ['ask', 'interrupt', 'signal', 'terminate', 'kill'];

/** When the rung has had its time. */
function dueAt(rung: Rung, since: Ms, hand: InHand, stop: Policy['stop']): Ms {
  switch (rung) {
    case 'ask':
      if (hand.kind === 'tool') return since + stop.tool;
      if (hand.kind === 'unknown') return (hand.word ?? 0) > since ? since : since + stop.tool;
      return hand.kind === 'rest' ? leftBy(since, hand.result, stop) : since + Math.min(stop.interrupt, TOLD);
    case 'interrupt':
      if (hand.kind === 'rest') return leftBy(since, hand.result, stop);
      // It obeyed, and then went on with a message that had been waiting: it would do so again.
      return hand.kind !== 'unknown' && (hand.result ?? 0) > since ? since : since + stop.interrupt;
    case 'signal':
      return since + stop.interrupt;
    case 'terminate':
      return since + stop.terminate;
    case 'kill':
      return since + stop.kill;
  }
}

const leftBy = (since: Ms, result: Ms, stop: Policy['stop']): Ms => Math.max(since, result) + Math.min(stop.interrupt, LEAVE);
