import { isEmpty } from '../core/model/records.ts';
import type { Run } from '../core/model/run.ts';
import { type Ms, unknown } from '../core/model/seen.ts';
import type { RunId, TaskId } from '../core/model/task.ts';
import { reconcile as decideAll } from '../core/reconcile.ts';
import { openOnes } from '../core/review/pull-sights.ts';
import { mayBeLeft } from '../core/settle/patience.ts';
import type { Plan } from '../core/tick/plan.ts';
import type { Policy } from '../core/tick/policy.ts';
import { stepWords } from '../core/tick/step-words.ts';
import type { World } from '../core/tick/world.ts';
import { messageOf } from '../core/words/message-of.ts';
import { approve } from './act/approve.ts';
import { createBell } from './act/bell.ts';
import { createFlights } from './act/flights.ts';
import { createHeard, type Hearing, type Said } from './act/heard.ts';
import { localSite } from './act/local-site.ts';
import { drawNames } from './act/names.ts';
import { nowhere, type Site } from './act/site.ts';
import { keepUnwritten } from './act/unwritten.ts';
import { assembleWorld, look, readBoard, type Sight } from './observe.ts';
import type { Context, EngineSettings, Ports } from './ports/context.ts';
import type { Trouble } from './ports/records/facts.ts';
import { ConflictError } from './ports/records/store.ts';
import type { BoardReading } from './ports/repository/board.ts';
import { type Wrong, watchStanding } from './standing.ts';
import { watchStillness } from './stillness.ts';
import { keepBoard, takenIn } from './tell/board-keeper.ts';
import { openBooks } from './tell/bookkeeping.ts';
import { createComplaints } from './tell/complaints.ts';
import { createCourier } from './tell/courier.ts';
import { createExplainer } from './tell/explainer.ts';
import { createMeter, type Pulse } from './tell/meter.ts';
import { tellSlow, tellStuck } from './tell/slow.ts';
import { createSurfaces } from './tell/surfaces.ts';
import { watchClaims } from './watch/claim-watch.ts';
import { evenClock, watchClock } from './watch/clock-watch.ts';
import { watchForge } from './watch/forge-watch.ts';
import { followPulls } from './watch/pulls/follow-pulls.ts';
import { watchSites } from './watch/site-watch.ts';
import { watchStrays } from './watch/stray-watch.ts';
import { watchUpkeep } from './watch/upkeep.ts';

export interface Engine extends Hearing {
  /** Something may have changed: look soon. Any number of calls before the next tick are one. */
  wake(): void;
  /** Look at the forge now, too. */
  hurry(): void;
  /** Start nothing new; `run` returns when the running workers have ended and what can be done for them is done. */
  drain(): void;
  /** Do all that can be done now, then return from `run`. */
  leaveWhenQuiet(): void;
  /** Leave now; workers go on. */
  leave(): void;
  /** Ticks until drained or told to leave. Answers, in sentences, what a later start has to do. */
  run(): Promise<readonly string[]>;
  /** Lets the push of a task go that waits for a person; answers what came of it. */
  approve(task: TaskId, by: string): { readonly ok: boolean; readonly message: string };
  /** How the loop does; costs nothing. */
  pulse(): Pulse;
}

export interface EngineOptions {
  readonly ports: Ports;
  readonly settings: EngineSettings;
  /** Read anew each tick: the configuration may change under a running daemon. */
  readonly policy: () => Policy;
  /** What is wrong with this daemon's right to run (its lock file is gone), or null. Asked each tick; see standing.ts. */
  readonly standing?: () => Wrong | null;
  /** The clock was set; the engine is of the old time, and whoever runs it begins anew with another one. */
  readonly onClockSet?: (by: Ms) => void;
  /** What was heard in this process before this engine, and not taken yet; left out: nothing was. */
  readonly said?: Said;
  /** Other machines that runs may be on, by their names; this one is there in any case, and does what needs the forge's login. */
  readonly machines?: (home: Site) => (name: string) => Site;
  /** What decides; the core's own where it is left out. */
  readonly reconcile?: typeof decideAll;
}

/** While something runs, look at least this often: signs in worktrees and silence make no noise. */
const PULSE: Ms = 1_000;
/** And this often in any case, however seldom GitHub is asked: whoever has written nothing down for minutes is said to hang. */
const SIGN_OF_LIFE: Ms = 60_000;

export function createEngine({
  ports: given,
  settings,
  policy,
  standing = () => null,
  onClockSet,
  said,
  machines = () => nowhere,
  reconcile = decideAll,
}: EngineOptions): Engine {
  const clock = evenClock(given.clock);
  const unwritten = keepUnwritten(given.store, clock);
  const bell = createBell(clock);
  const heard = createHeard(unwritten, clock, bell, said);
  const ports: Ports = { ...given, clock, store: heard.store };
  const { store, log } = ports;
  const fetchBase = (): void => void ports.workspaces.refresh().catch((error: unknown) => log.warn(`fetch: ${String(error)}`));
  const watch =
    ports.forge === null
      ? null
      : watchForge({
          forge: ports.forge,
          clock,
          log,
          wanted: policy,
          work: () => ({ pulls: openOnes(pulls?.sights()), base: settings.baseBranch }),
          interval: settings.pollInterval,
          wake: bell.ring,
          onNews: fetchBase,
        });
  const explainer = createExplainer(ports, policy);
  const approved = (task: TaskId, by: string) => approve(ports, bell.rouse, task, by);
  const talk = { hear: heard.persons.hear, approve: approved, explain: explainer.explain };
  const issues = (): World['issues'] => watch?.issues() ?? unknown('there is no GitHub', 0);
  const { pulls, reviews } = followPulls(ports, settings, policy, talk, issues, bell.ring);
  const claims = watchClaims({ ...ports, isOn: () => policy().claim, wake: bell.ring });
  const context: Context = { ports, settings, policy, issue: (number) => watch?.issue(number) ?? null };
  const home = localSite(context);
  const sites = watchSites({ home, named: machines(home), clock, log, wake: bell.ring });
  const flights = createFlights(context, sites, bell.ring);
  const keeper = keepBoard(store);
  const surfaces = createSurfaces(context, keeper);
  const upkeep = watchUpkeep(context, bell.ring);
  const strays = watchStrays(ports, bell.ring);
  const wasClockSet = watchClock({ store, clock, log }, onClockSet);
  const isAsked = (): boolean => unwritten.isHolding() || store.requests().some(({ by }) => by != null);
  const footing = watchStanding(standing, isAsked, clock, log);
  const names = drawNames(ports.surroundings.names);
  const goneSince = new Map<RunId, Ms>();
  const meter = createMeter(clock.now());
  const slow = tellSlow(ports);
  const begins = tellStuck(ports, meter.at);
  const complain = createComplaints(ports);
  const books = openBooks(ports, policy);
  const courier = createCourier(ports, bell.ring);
  let base = keeper.read();
  let draining = false;
  let leaving = false;
  let once = false;
  /** The last look found the forge's answer complete and nothing to do. */
  let quiet = false;
  let stumbled = store.fact('trouble') !== null;
  let trouble: Trouble | null = null;
  const still = watchStillness(
    store,
    () => policy().limits,
    () => [policy(), draining, once, settings.complaint?.() ?? null],
  );

  function decide(sight: Sight): { world: World; plan: Plan; reading: BoardReading | null } {
    // From here to the commit nothing is awaited: what is decided on is what is written over.
    const [fresh, hearsPersons] = [names.draw(policy().slots), heard.hearsPersons()];
    const around = { watch, busy: flights.busy, draining, goneSince, upkeep, strays, reviews, fresh, hearsPersons };
    const world = assembleWorld(ports, sight, { ...around, claims: claims.sights() });
    const plan = reconcile(world, policy(), clock.now());
    names.take(plan.commit.runs ?? []);
    return { world, plan, reading: sight.board.known ? sight.board.value : null };
  }

  async function tick(): Promise<Ms> {
    const stands = footing();
    if (stands === 'waits') return clock.now() + PULSE;
    if (stands === 'lost') draining = true;
    if (wasClockSet()) return clock.now();
    watch?.pollIfDue(clock.now());
    void strays.lookIfDue(clock.now());
    meter.step('look', clock.now());
    const sight = await look(ports, sites, () => readBoard(ports, base));
    const rest = bell.hasNews() ? null : still.until(sight, clock.now());
    if (rest !== null) return withPulse(rest);
    still.forget();
    bell.takeNews();
    meter.step('decide', clock.now());
    const { world, plan, reading } = decide(sight);
    meter.step('record', clock.now());
    for (const lost of plan.lost) log.error(`two actions of one run in one tick: ${lost}`);
    const taken = takenIn(base, reading, plan);
    const kept = books.keep(world, plan);
    const commit = { ...plan.commit, facts: { ...plan.commit.facts, ...kept.facts } };
    try {
      if (taken !== base) keeper.commit(taken, commit);
      else if (unwritten.isHolding() || !isEmpty(commit)) store.commit(commit);
    } catch (error) {
      if (!(error instanceof ConflictError)) for (const action of unwritten.keep(plan, world, messageOf(error))) flights.launch(action);
      throw error;
    }
    base = taken;
    explainer.saw(world);
    watch?.lookUp(plan.wanted);
    claims.follow(world, plan);
    pulls?.follow(world.pulls);
    const told = plan.actions.filter(({ kind }) => kind === 'comment');
    for (const action of plan.actions) if (action.kind !== 'comment') flights.launch(action);
    upkeep.follow(plan);
    courier.pump();
    const changes = store.changes();
    quiet = (watch === null || watch.isSettled()) && world.strays.known && plan.actions.length === 0 && plan.commit.history?.length === 0;
    meter.step('publish', clock.now());
    base = await surfaces.publish({ world, plan, reading, base });
    // Whoever reads the comment and then looks at the board finds it there.
    for (const action of told) flights.launch(action);
    const now = clock.now();
    const until = Math.min(
      plan.wakeAt ?? Number.POSITIVE_INFINITY,
      watch?.dueAt() ?? Number.POSITIVE_INFINITY,
      upkeep.dueAt(),
      strays.dueAt(),
      courier.dueAt(),
      claims.dueAt(),
      kept.wakeAt,
      now + Math.min(settings.pollInterval(), SIGN_OF_LIFE),
    );
    still.note({ sight, changes, until }, now);
    return withPulse(until);
  }

  /** While something runs, it is looked at again and again. */
  const withPulse = (until: Ms): Ms => (store.openRuns().length > 0 ? Math.min(until, clock.now() + (settings.pulse ?? PULSE)) : until);

  const isLeft = (run: Run): boolean => mayBeLeft(run, clock.now());
  const mayLeave = (): boolean => leaving || ((draining || (once && quiet)) && flights.busy.size === 0 && store.openRuns().every(isLeft));

  function undone(): readonly string[] {
    const seen = watch?.issues();
    const runs = store
      .openRuns()
      .flatMap(({ task, problem }) => (problem === null ? [] : [`${task}: ${stepWords(problem.step)}: ${problem.message}`]));
    return once && seen?.known === false ? [`GitHub: ${seen.because}`, ...runs] : runs;
  }

  /** A tick that throws is shown by `status`: a loop that fails again and again must not look healthy. */
  function stumble(error: unknown): void {
    if (trouble !== null) return;
    trouble = { at: clock.now(), message: messageOf(error) };
    stumbled = true;
    try {
      store.commit({ facts: { trouble } });
    } catch (cause) {
      log.error(`tac8 could not record the trouble: ${String(cause)}`);
    }
  }

  async function run(): Promise<readonly string[]> {
    while (!leaving) {
      const [began, before] = [clock.now(), clock.spent()];
      let next = began + PULSE;
      const ended = begins();
      try {
        next = await tick();
        if (stumbled) store.commit({ facts: { trouble: undefined } });
        stumbled = false;
        trouble = null;
        slow(meter.ticked(began, clock.now(), true, clock.spent() - before));
      } catch (error) {
        meter.ticked(began, clock.now(), false, clock.spent() - before);
        stumble(error);
        complain(error);
      } finally {
        ended();
      }
      if (mayLeave()) break;
      // By whichever clock: one that is set back between the look and the sleep makes no longer sleep of it.
      await bell.sleep(Math.min(next, clock.now() + settings.pollInterval()));
      meter.woke(next, clock.now());
    }
    await Promise.all([flights.close(), upkeep.close(), strays.close(), courier.close(), pulls?.close(), claims.close()]);
    const left = undone();
    unwritten.close();
    await watch?.close();
    books.close();
    return left;
  }

  return {
    wake: bell.rouse,
    hurry: () => (watch === null ? bell.ring() : watch.hurry()),
    drain() {
      draining = true;
      bell.ring();
    },
    leaveWhenQuiet() {
      once = true;
      bell.ring();
    },
    leave() {
      leaving = true;
      bell.ring();
    },
    ...heard.persons,
    approve: approved,
    run,
    pulse: () => ({ ...meter.read(), trouble }),
  };
}
