import type { BoardBase } from '../core/board/line/base.ts';
import { WORKTREE_ERRORS_BOUND } from '../core/household/health.ts';
import { MAIN_FACT } from '../core/household/main-checkout.ts';
import type { Upkeep } from '../core/model/household.ts';
import { type Ms, unknown } from '../core/model/seen.ts';
import type { TaskId } from '../core/model/task.ts';
import { reconcile } from '../core/reconcile.ts';
import { keptSights, PULLS_FACT } from '../core/review/pull-sights.ts';
import type { Plan } from '../core/tick/plan.ts';
import type { Policy } from '../core/tick/policy.ts';
import type { World } from '../core/tick/world.ts';
import { HERE_WITHIN, lookHere } from './act/look-here.ts';
import { drawNames } from './act/names.ts';
import { nowhere, type Site, unseen } from './act/site.ts';
import { assembleWorld, look } from './observe.ts';
import type { Eyes } from './ports/context.ts';
import { PortError } from './ports/error.ts';
import type { BoardReading } from './ports/repository/board.ts';
import { keepBoard } from './tell/board-keeper.ts';
import { claimsWritten } from './watch/claim-watch.ts';
import { type ForgeWatch, watchForge } from './watch/forge-watch.ts';
import { ownersOf } from './watch/owners.ts';
import { watchReviews } from './watch/pulls/review-watch.ts';
import { questionsAbout } from './watch/questions.ts';
import { watchSites } from './watch/site-watch.ts';
import { watchStrays } from './watch/stray-watch.ts';

export interface PreviewOptions {
  readonly ports: Eyes;
  /** What a person changed in `tasks.md` since then, read without a trace. */
  readonly readBoard: (base: BoardBase) => Promise<BoardReading>;
  readonly policy: Policy;
  /** How old an answer of the forge may be. */
  readonly pollInterval: Ms;
}

export interface Preview {
  readonly world: World;
  readonly plan: Plan;
}

/** How long the forge is waited for, and how often is looked whether it has answered. */
const ANSWER_LIMIT: Ms = 30_000;
const ANSWER_LOOK: Ms = 50;
/** Rounds of questions about single issues. */
const QUESTIONS = 3;

/** A command has no way to another machine; the daemon has written down what it heard. */
const notAsked = (name: string): Site => ({
  ...nowhere(name),
  patience: HERE_WITHIN,
  look: async (runs) => unseen(runs, `only the daemon asks the machine ${name}; \`tac8 status\` tells what it heard`, 0),
});

/** One look and what the next tick would do, nothing done and nothing written. Asks the forge first, and all that the gates of `task` rest on. */
export async function preview({ ports, readBoard, policy, pollInterval }: PreviewOptions, task?: TaskId): Promise<Preview> {
  const { clock, forge, store } = ports;
  const nothing = (): void => undefined;
  const bell = { ring: nothing };
  const watch =
    forge === null
      ? null
      : watchForge({ ...ports, forge, wanted: () => policy, interval: () => pollInterval, wake: () => bell.ring(), onNews: nothing });
  const strays = watchStrays(ports, nothing);
  const base = keepBoard(store).read();
  const sights = keptSights(store.fact(PULLS_FACT));
  const here: Site = {
    name: null,
    patience: HERE_WITHIN,
    look: (runs) => lookHere(ports, runs),
    perform: () => Promise.reject(new PortError('terminal', 'a preview does nothing')),
  };
  const sites = watchSites({ home: here, named: notAsked, clock, log: ports.log, wake: () => bell.ring() });
  const reviews = watchReviews({
    store,
    pulls: forge === null ? null : { sights: () => sights },
    calls: null,
    follows: () => policy.pulls.follow,
    counts: () => policy.maxOpenPulls !== null,
  });
  const upkeep = { now: () => upkeepUnseen(ports) };
  const fresh = drawNames(ports.surroundings.names).draw(policy.slots);
  const decide = async (): Promise<Preview> => {
    const sight = await look(ports, sites, () => readBoard(base));
    const around = {
      watch,
      busy: new Set<string>(),
      draining: false,
      goneSince: new Map(),
      upkeep,
      strays,
      reviews,
      claims: policy.claim ? claimsWritten(store.fact('claims'), clock) : null,
      fresh,
      hearsPersons: false,
    };
    const world = assembleWorld(ports, sight, around);
    return { world, plan: reconcile(world, policy, clock.now()) };
  };

  await strays.lookIfDue(clock.now());
  watch?.pollIfDue(clock.now());
  await answered(watch, ports, bell);
  let found = await decide();
  // What an answer shows may be worth another question: the issue, then what it depends on.
  for (let round = 0; round < QUESTIONS && watch !== null; round += 1) {
    watch.lookUp(task === undefined ? found.plan.wanted : questionsAbout(task, found, clock.now()));
    if (watch.isSettled()) break;
    await answered(watch, ports, bell);
    found = await decide();
  }
  await watch?.close();
  return found;
}

async function answered(watch: ForgeWatch | null, { clock }: Eyes, bell: { ring: () => void }): Promise<void> {
  const deadline = clock.now() + ANSWER_LIMIT;
  while (watch !== null && !watch.isSettled() && clock.now() < deadline)
    await new Promise<void>((resolve) => {
      const cancel = clock.at(clock.now() + ANSWER_LOOK, resolve);
      bell.ring = () => {
        cancel();
        resolve();
      };
    });
}

/** Of the household and the main checkout no more than the store knows: a look takes seconds, and removes nothing here. */
function upkeepUnseen({ store, clock }: Eyes): Upkeep {
  const worktreeErrors = store.counters().worktree_errors;
  const unseen = unknown('not looked at yet', 0);
  return {
    snapshots: new Map(),
    standing: new Map(),
    measured: new Map(),
    household: unseen,
    owners: ownersOf(store, { trees: [], logs: [], runFolders: [], homes: [], saved: [] }),
    worktreeErrors,
    tooManySince: worktreeErrors > WORKTREE_ERRORS_BOUND ? clock.now() : null,
    busy: new Set(),
    refused: new Map(),
    main: unseen,
    mainKept: store.fact(MAIN_FACT),
  };
}
