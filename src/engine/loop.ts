import { messageOf } from '../core/message-of.ts';
import type { Plan } from '../core/plan.ts';
import type { Policy } from '../core/policy.ts';
import { reconcile as decideAll } from '../core/reconcile.ts';
import type { Commit } from '../core/records.ts';
import type { Run } from '../core/run.ts';
import type { Ms } from '../core/seen.ts';
import type { RunId, TaskId } from '../core/task.ts';
import type { World } from '../core/world.ts';
import { openBooks } from './bookkeeping.ts';
import type { Context, EngineSettings, Ports } from './context.ts';
import { createCourier } from './courier.ts';
import { createFlights } from './flights.ts';
import { watchForge } from './forge-watch.ts';
import { createMeter, type Pulse } from './meter.ts';
import { assembleWorld, look } from './observe.ts';
import type { BoardBase, BoardReading } from './ports.ts';
import { watchPulls } from './pull-watch.ts';
import { questionsAbout } from './questions.ts';
import { watchStrays } from './stray-watch.ts';
import { createSurfaces } from './surfaces.ts';
import { watchUpkeep } from './upkeep.ts';

export interface Engine {
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
  /** One look and what it would do, nothing done. Asks the forge first, and all that the gates of `task` rest on. */
  preview(task?: TaskId): Promise<{ readonly world: World; readonly plan: Plan }>;
  /** How the loop does; costs nothing. */
  pulse(): Pulse;
}

/** The last tick that threw, until one does not. Stored under the fact `trouble`. */
export interface Trouble {
  readonly at: Ms;
  readonly message: string;
}

export interface EngineOptions {
  readonly ports: Ports;
  readonly settings: EngineSettings;
  /** Read anew each tick: the configuration may change under a running daemon. */
  readonly policy: () => Policy;
  /** What is wrong with this daemon's right to run (its lock file is gone), or null. Asked each tick; then nothing new is started. */
  readonly standing?: () => string | null;
  /** Only previews are asked for. */
  readonly readOnly?: boolean;
  /** What decides; the core's own where it is left out. */
  readonly reconcile?: typeof decideAll;
}

/** Wake-ups that come in a burst are one tick. */
const BREATH: Ms = 10;
/** While something runs, look at least this often: signs in worktrees and silence make no noise. */
const PULSE: Ms = 1_000;
/** How long a preview waits for the forge, and how often it looks. */
const ANSWER_LIMIT: Ms = 30_000;
const ANSWER_LOOK: Ms = 50;
/** Rounds of questions about single issues in a preview. */
const QUESTIONS = 3;
/** A step that failed this often (a push while GitHub is down) is left to a later start: leaving does not wait for it. */
const TRIES_BEFORE_LEAVING = 3;

export function createEngine({
  ports,
  settings,
  policy,
  standing = () => null,
  readOnly = false,
  reconcile = decideAll,
}: EngineOptions): Engine {
  const { store, clock, log } = ports;
  const bell = createBell(ports);
  const fetchBase = (): void => void ports.workspaces.refresh().catch((error: unknown) => log.warn(`fetch: ${String(error)}`));
  const watch =
    ports.forge === null
      ? null
      : watchForge({
          forge: ports.forge,
          clock,
          log,
          label: () => policy().label,
          interval: settings.pollInterval,
          wake: bell.ring,
          onNews: readOnly ? () => undefined : fetchBase,
        });
  const pulls = ports.forge === null ? null : watchPulls({ ...ports, forge: ports.forge, interval: settings.pollInterval });
  const context: Context = { ports, settings, policy, issue: (number) => watch?.issue(number) ?? null };
  const flights = createFlights(context, bell.ring);
  const surfaces = createSurfaces(context);
  const upkeep = watchUpkeep(context, bell.ring);
  const strays = watchStrays(ports, bell.ring);
  const goneSince = new Map<RunId, Ms>();
  const meter = createMeter(clock.now());
  const books = openBooks(ports, policy);
  const courier = createCourier(ports, bell.ring);
  let base: BoardBase = store.fact<BoardBase>('board') ?? { text: null };
  let draining = false;
  let leaving = false;
  let once = false;
  /** The last look found the forge's answer complete and nothing to do. */
  let quiet = false;
  let stumbled = store.fact<Trouble>('trouble') !== null;

  async function decide(): Promise<{ world: World; plan: Plan; reading: BoardReading | null }> {
    const sight = await look(ports, base, readOnly);
    // From here to the commit nothing is awaited: what is decided on is what is written over.
    const world = assembleWorld(ports, sight, { watch, busy: flights.busy, draining, goneSince, upkeep, strays }, policy().slots);
    const plan = reconcile(world, policy(), clock.now());
    return { world, plan, reading: sight.board.known ? sight.board.value : null };
  }

  async function tick(): Promise<Ms> {
    const trouble = standing();
    if (trouble !== null && !draining) {
      log.error(`${trouble}: nothing new is started; stop this daemon and look at .tac8/`);
      draining = true;
    }
    watch?.pollIfDue(clock.now());
    void strays.lookIfDue(clock.now());
    const { world, plan, reading } = await decide();
    const taken = takenIn(base, reading, plan);
    const kept = books.keep(world, plan);
    const facts = { ...plan.commit.facts, ...(taken === base ? {} : { board: taken }), ...kept.facts };
    if (!isEmpty(plan.commit, facts)) store.commit({ ...plan.commit, facts });
    base = taken;
    watch?.lookUp(plan.wanted);
    pulls?.follow(world.pulls);
    for (const action of plan.actions) flights.launch(action);
    upkeep.follow(plan);
    courier.pump();
    quiet = (watch === null || watch.isSettled()) && world.strays.known && plan.actions.length === 0 && plan.commit.history?.length === 0;
    base = await surfaces.publish({ world, plan, reading, base });
    const now = clock.now();
    const pulse = store.openRuns().length > 0 ? now + (settings.pulse ?? PULSE) : Number.POSITIVE_INFINITY;
    return Math.min(
      plan.wakeAt ?? Number.POSITIVE_INFINITY,
      pulse,
      watch?.dueAt() ?? Number.POSITIVE_INFINITY,
      upkeep.dueAt(),
      strays.dueAt(),
      courier.dueAt(),
      kept.wakeAt,
      now + settings.pollInterval(),
    );
  }

  const isLeft = (run: Run): boolean =>
    run.state !== 'running' && run.state !== 'stopping' && (run.problem?.tries ?? 0) >= TRIES_BEFORE_LEAVING;
  const mayLeave = (): boolean => leaving || ((draining || (once && quiet)) && flights.busy.size === 0 && store.openRuns().every(isLeft));

  function undone(): readonly string[] {
    const seen = watch?.issues();
    const runs = store
      .openRuns()
      .flatMap(({ task, problem }) => (problem === null ? [] : [`${task}: ${problem.step}: ${problem.message}`]));
    return once && seen?.known === false ? [`GitHub: ${seen.because}`, ...runs] : runs;
  }

  /** A tick that throws is shown by `status`: a loop that fails again and again must not look healthy. */
  function stumble(error: unknown): void {
    if (stumbled) return;
    stumbled = true;
    try {
      store.commit({
        facts: { trouble: { at: clock.now(), message: messageOf(error) } satisfies Trouble },
      });
    } catch (cause) {
      log.error(`the trouble could not be written down: ${String(cause)}`);
    }
  }

  /** For a preview: others ring, too, and an answer is what it waits for. */
  async function forgeAnswered(): Promise<void> {
    const deadline = clock.now() + ANSWER_LIMIT;
    while (watch !== null && !watch.isSettled() && clock.now() < deadline) await bell.sleep(Math.min(deadline, clock.now() + ANSWER_LOOK));
  }

  async function run(): Promise<readonly string[]> {
    while (!leaving) {
      const began = clock.now();
      let next = began + PULSE;
      try {
        next = await tick();
        if (stumbled) store.commit({ facts: { trouble: undefined } });
        stumbled = false;
        meter.ticked(began, clock.now(), true);
      } catch (error) {
        meter.ticked(began, clock.now(), false);
        stumble(error);
        log.error(`tick: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      }
      if (mayLeave()) break;
      await bell.sleep(next);
      meter.woke(next, clock.now());
    }
    await Promise.all([flights.close(), upkeep.close(), strays.close(), courier.close(), pulls?.close()]);
    const left = undone();
    await watch?.close();
    books.close();
    return left;
  }

  return {
    wake: bell.ring,
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
    run,
    pulse: meter.read,
    async preview(task) {
      await strays.lookIfDue(clock.now());
      watch?.pollIfDue(clock.now());
      await forgeAnswered();
      let found = await decide();
      // What an answer shows may be worth another question: the issue, then what it depends on.
      for (let round = 0; round < QUESTIONS && watch !== null; round += 1) {
        watch.lookUp(task === undefined ? found.plan.wanted : questionsAbout(task, found, clock.now()));
        if (watch.isSettled()) break;
        await forgeAnswered();
        found = await decide();
      }
      await watch?.close();
      return found;
    },
  };
}

/** The board's base once this tick's intents are in the store: written in the same transaction, so that no edit counts twice. */
function takenIn(base: BoardBase, reading: BoardReading | null, plan: Plan): BoardBase {
  if (reading === null) return base;
  const next = reading.base;
  if (plan.addKeys.size === 0) return next.text === base.text && next.next === base.next ? base : next;
  const given = Object.fromEntries([...plan.addKeys].map(([task, key]) => [key, task]));
  return { ...next, given: { ...next.given, ...given } };
}

function isEmpty(commit: Commit, facts: Readonly<Record<string, unknown>>): boolean {
  const { tasks = [], runs = [], history = [], answers = [], counters = {}, resetCounters = [] } = commit;
  const rows = tasks.length + runs.length + history.length + answers.length + resetCounters.length;
  return rows === 0 && Object.keys(counters).length === 0 && Object.keys(facts).length === 0;
}

/** Sleeps until a time or the next ring, whichever comes first; rings during a tick are kept for the sleep that follows. */
function createBell({ clock }: Ports) {
  let rung = false;
  let woken: Ms = 0;
  let rouse: (() => void) | null = null;
  const ring = (): void => {
    rung = true;
    rouse?.();
  };
  return {
    ring,
    async sleep(until: Ms): Promise<void> {
      if (!rung && clock.now() < until) {
        await new Promise<void>((resolve) => {
          const cancel = Number.isFinite(until) ? clock.at(until, resolve) : () => undefined;
          rouse = () => {
            cancel();
            resolve();
          };
        });
        rouse = null;
      }
      // The first ring is answered at once; what follows within a breath of it is one tick.
      if (rung && clock.now() < woken + BREATH) await new Promise<void>((resolve) => clock.at(woken + BREATH, resolve));
      woken = clock.now();
      rung = false;
    },
  };
}
