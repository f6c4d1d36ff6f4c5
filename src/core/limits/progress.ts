import type { RunIn, StreamFacts } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { Draft } from '../tick/draft.ts';
import type { World } from '../tick/world.ts';

/** Among so many tool calls in a row … */
export const LOOKED_BACK = 12;
/** … no more different ones than these: it goes round in a circle. */
export const FEW = 3;

/**
 * The same few tool calls again and again while nothing changes in the worktree: told once, for a person to judge. It may wait for something,
 * so nothing is ended for it.
 */
export function watchProgress(draft: Draft, world: World, run: RunIn<'running'>, stream: StreamFacts, now: Ms): void {
  const { circling } = stream;
  const standing = world.upkeep.standing.get(run.id);
  if (circling == null || standing === undefined || standing.since > circling.since || standing.seenAt <= circling.since) return;
  const minutes = Math.max(1, Math.round((now - standing.since) / 60_000));
  const what = stream.activity === null ? '' : ` (${stream.activity})`;
  const text = `the last ${circling.calls} tool calls repeat${what}, and nothing in the worktree has changed for ${minutes}m`;
  draft.run(run.id, { kind: 'warned', warning: { by: 'no progress', text, at: now } }, `no progress: ${text}`);
}
