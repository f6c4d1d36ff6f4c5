import { NEW_FLEET } from '../model/fleet.ts';
import type { Run, StopCause } from '../model/run.ts';
import { type Ms, unknown } from '../model/seen.ts';
import type { RunId, Task } from '../model/task.ts';
import { Draft } from '../tick/draft.ts';
import type { Action } from '../tick/plan.ts';
import type { Policy } from '../tick/policy.ts';
import type { World } from '../tick/world.ts';
import { superviseRuns } from './supervise.ts';

/** What a machine sees of its own runs. */
export type OwnSight = Pick<World, 'processes' | 'streams' | 'unread' | 'signs' | 'machine' | 'goneSince' | 'busy'>;

export interface Alone {
  /** The runs that are otherwise now. */
  readonly runs: readonly Run[];
  readonly actions: readonly Action[];
  /** What ends a run, decided here and now. */
  readonly causes: ReadonlyMap<RunId, StopCause>;
}

/** Harmless to repeat, and nothing that begins or says anything: that is for whoever decides for all machines. */
const OWN: ReadonlySet<Action['kind']> = new Set(['rung', 'sweep', 'end-input']);

/**
 * What a machine does for its runs while nobody tells it anything: limits, silence, STOP files and the ladder end a run as ever. `tasks`: theirs,
 * as they were told of last.
 */
export function superviseAlone(runs: readonly Run[], tasks: readonly Task[], sight: OwnSight, policy: Policy, now: Ms): Alone {
  // A message that was not said yet is said by whoever wrote it down, if at all.
  const own = runs.map((run) => (run.tells === undefined ? run : { ...run, tells: run.tells.filter(({ saidAt }) => saidAt !== null) }));
  const draft = new Draft(worldOf(own, tasks, sight), now);
  superviseRuns(draft, worldOf(own, tasks, sight), policy, now);
  const plan = draft.plan();
  const changed = (plan.commit.runs ?? []).map(({ next }) => next);
  const before = new Map(runs.map((run) => [run.id, run]));
  const causes = changed.flatMap((run): (readonly [RunId, StopCause])[] =>
    run.state === 'stopping' && before.get(run.id)?.state === 'running' ? [[run.id, run.cause]] : [],
  );
  return { runs: changed, actions: plan.actions.filter(({ kind }) => OWN.has(kind)), causes: new Map(causes) };
}

function worldOf(runs: readonly Run[], tasks: readonly Task[], sight: OwnSight): World {
  const nobodyAsked = unknown('nobody asks from here', 0);
  return {
    ...{ runs, tasks, forge: 'none', issues: nobodyAsked, pulls: nobodyAsked, pullSights: new Map(), ownPulls: 0 },
    ...{ calls: new Map(), triggers: new Map(), singles: new Map(), dependencies: new Map(), claims: null, strays: nobodyAsked },
    ...{ intents: [], isEditHeld: false, requests: [], hearsPersons: false, draining: true, fleet: NEW_FLEET, logins: null },
    ...{ today: { start: 0, end: Number.MAX_SAFE_INTEGER }, fresh: [] },
    upkeep: {
      ...{
        snapshots: new Map(),
        standing: new Map(),
        measured: new Map(),
        household: nobodyAsked,
        owners: { tasks: new Map(), runs: new Map() },
      },
      ...{ worktreeErrors: 0, tooManySince: null, busy: new Set(), refused: new Map(), main: nobodyAsked, mainKept: null },
    },
    ...sight,
  };
}
