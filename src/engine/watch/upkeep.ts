import { WORKTREE_ERRORS_BOUND } from '../../core/household/health.ts';
import { MAIN_CHANGED, MAIN_FACT } from '../../core/household/main-checkout.ts';
import { judgeHousehold } from '../../core/household/removals.ts';
import { PARKED, UNPARKED } from '../../core/model/fleet.ts';
import { type Household, type MainKept, nameOf, type Upkeep } from '../../core/model/household.ts';
import { known, type Ms, type Seen, unknown } from '../../core/model/seen.ts';
import type { Plan } from '../../core/tick/plan.ts';
import { CLEAN } from '../../core/voices/requests.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { createChores } from '../act/chores.ts';
import { forAMoment } from '../act/for-a-moment.ts';
import type { Context } from '../ports/context.ts';
import { hasAgent, watchMain } from './main-watch.ts';
import { ownersOf } from './owners.ts';

/** What is known of the household and the main checkout, looked at in the background so that no tick waits for it. */
export interface UpkeepWatch {
  /** For a tick; the owners are read from the store as they are now. */
  now(): Upkeep;
  /** Does what a plan wants done beside the runs, and looks again if it is time. After the plan's records are written. */
  follow(plan: Plan): void;
  /** The next look. */
  dueAt(): Ms;
  close(): Promise<void>;
}

const HOUSEHOLD_EVERY: Ms = 10 * 60_000;
/** After a wish, a run's end or too many worktree errors, but no more often than this. */
const HOUSEHOLD_GAP: Ms = 5_000;
const ANSWERS_KEPT: Ms = 7 * 24 * 60 * 60_000;

const NOTHING: Household = { trees: [], logs: [], runFolders: [], homes: [], saved: [] };
const reasonOf = (error: unknown): string => messageOf(error);

export function watchUpkeep(context: Context, wake: () => void): UpkeepWatch {
  const { store, clock, log, housekeeping } = context.ports;
  const done = new Set<string>();
  const chores = createChores(context, { wake, onDone: (name) => done.add(name) });
  const underWay = new Set<Promise<void>>();
  let household: Seen<Household> = unknown('not looked at yet', 0);
  let householdDue: Ms = 0;
  let householdAsked: Ms = Number.NEGATIVE_INFINITY;
  let mainKept = store.fact(MAIN_FACT);
  const track = (work: Promise<void>): void => {
    underWay.add(work);
    void work.finally(() => underWay.delete(work));
  };
  const main = watchMain({ clock, housekeeping, track, wake, worksNow: store.openRuns().some(hasAgent) });
  let looking = false;
  let tooManySince: Ms | null = null;
  let closed = false;
  /** Runs that were not settled at the last tick. */
  let open = 0;

  async function lookAtHousehold(): Promise<void> {
    looking = true;
    const asked = clock.now();
    householdAsked = asked;
    householdDue = asked + HOUSEHOLD_EVERY;
    done.clear();
    forgetOld();
    try {
      const found = await housekeeping.look();
      if (closed) return;
      // Whatever could go under any circumstances; the rest is of no interest until the next look.
      const { remove } = judgeHousehold(found, ownersOf(store, found), context.policy().keep, true, clock.now());
      household = known(only(found, new Set(remove.map(nameOf))), asked);
    } catch (error) {
      if (closed) return;
      log.warn(`tac8 does not know what could be cleaned up: ${reasonOf(error)}`);
      household = unknown(reasonOf(error), asked);
    }
    looking = false;
    wake();
  }

  /** With the logs goes what was said of them; answers are read within the minute. */
  function forgetOld(): void {
    const now = clock.now();
    try {
      store.prune({ answered: now - ANSWERS_KEPT, history: now - context.policy().keep.logs });
    } catch (error) {
      log.warn(`tac8 could not remove old entries from the database: ${reasonOf(error)}`);
    }
  }

  function hurryHousehold(): void {
    householdDue = Math.min(householdDue, householdAsked + HOUSEHOLD_GAP);
  }

  const isUrgent = (): boolean =>
    (tooManySince !== null && householdAsked < tooManySince) ||
    store.requests().some(({ verb, at }) => verb === CLEAN && at > householdAsked);

  return {
    now() {
      const left = household.known ? known(without(household.value, done), household.at) : household;
      const owners = ownersOf(store, left.known ? left.value : NOTHING);
      const worktreeErrors = store.counters().worktree_errors;
      const { busy, refused, snapshots, standing, measured } = chores;
      tooManySince = worktreeErrors > WORKTREE_ERRORS_BOUND ? (tooManySince ?? clock.now()) : null;
      return {
        ...{ snapshots, standing, measured, household: left, owners },
        ...{ worktreeErrors, tooManySince, busy, refused, main: main.seen(), mainKept },
      };
    },
    follow(plan) {
      const fact = plan.commit.facts?.[MAIN_FACT];
      if (fact !== undefined) mainKept = fact as MainKept;
      for (const { event, detail, task, run } of plan.commit.history ?? [])
        if (event === MAIN_CHANGED) log.warn(detail);
        else if (event === PARKED || event === UNPARKED) log.warn(`${event}: ${detail}`);
        else if (event === 'warned') log.warn(`${task} ${run}: ${detail}`);
      for (const chore of plan.chores) chores.launch(chore);
      if (closed) return;
      const now = clock.now();
      const runs = store.openRuns();
      const isNews = main.follow(runs, (mainKept?.alarms.length ?? 0) > 0);
      // A look at a run's end still finds its task at work: what may go then is seen once the run is settled.
      const isSettled = runs.length < open;
      open = runs.length;
      // Only where something may have to go before the next look is due anyway.
      if (isUrgent() || ((isNews || isSettled) && context.policy().keep.completed < HOUSEHOLD_EVERY)) hurryHousehold();
      if (!looking && now >= householdDue) track(lookAtHousehold());
    },
    dueAt: () => Math.min(looking ? Number.POSITIVE_INFINITY : householdDue, main.dueAt()),
    async close() {
      closed = true;
      await Promise.all([chores.close(), forAMoment(clock, underWay)]);
    },
  };
}

/** The part of it that these chores are about. */
function only(household: Household, names: ReadonlySet<string>): Household {
  return filtered(household, (name) => names.has(name));
}

const without = (household: Household, names: ReadonlySet<string>): Household =>
  names.size === 0 ? household : filtered(household, (name) => !names.has(name));

function filtered({ trees, logs, runFolders, homes, saved }: Household, stays: (name: string) => boolean): Household {
  return {
    trees: trees.filter(({ task }) => stays(`remove-tree ${task}`)),
    logs: logs.filter(({ task, run }) => stays(`remove-log ${task} ${run}`)),
    runFolders: runFolders.filter(({ run }) => stays(`remove-run-folder ${run}`)),
    homes: homes.filter(({ task }) => stays(`remove-home ${task}`)),
    saved: stays('drop-saved') ? saved : [],
  };
}
