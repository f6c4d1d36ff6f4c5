import type { BoardBase } from '../core/board/line/base.ts';
import { NEW_FLEET, parkings } from '../core/model/fleet.ts';
import type { Run } from '../core/model/run.ts';
import { type Ms, type Seen, unknown } from '../core/model/seen.ts';
import { isRacer, type RunId, rootOf, type Task, type TaskId } from '../core/model/task.ts';
import { STOP_FILE } from '../core/steer/verbs.ts';
import { eventfulIn } from '../core/tick/tasks.ts';
import type { World } from '../core/tick/world.ts';
import { ACCEPT_EDIT } from '../core/voices/requests.ts';
import { see } from './act/see.ts';
import type { SiteSight } from './act/site.ts';
import type { Eyes } from './ports/context.ts';
import type { Board, BoardReading } from './ports/repository/board.ts';
import type { ForgeWatch } from './watch/forge-watch.ts';
import type { ReviewWatch } from './watch/pulls/review-watch.ts';
import type { SiteWatch } from './watch/site-watch.ts';
import type { StrayWatch } from './watch/stray-watch.ts';
import type { UpkeepWatch } from './watch/upkeep.ts';

/** What one look gave; the store is read afterwards, so that no result that came in meanwhile is missed. */
export interface Sight extends SiteSight {
  readonly board: Seen<BoardReading>;
  readonly logins: Seen<string> | null;
}

/** Asks all side by side. `readBoard`: as a daemon reads it, or as a preview does. */
export async function look(ports: Eyes, sites: Pick<SiteWatch, 'look'>, readBoard: () => Promise<BoardReading>): Promise<Sight> {
  const isRefused = parkings(ports.store.fact('fleet') ?? NEW_FLEET).some(({ parking }) => parking.until === null);
  const [there, board, logins] = await Promise.all([
    sites.look([...ports.store.openRuns(), ...lateRuns(ports)]),
    see(ports.clock, readBoard),
    isRefused ? see(ports.clock, () => ports.agents.logins()) : null,
  ]);
  return { ...there, board, logins };
}

/** What a person changed since `base`; of a held edit what they said is meant, by its token. */
export function readBoard(
  { board, store }: { readonly board: Board; readonly store: Eyes['store'] },
  base: BoardBase,
): Promise<BoardReading> {
  const token = store.requests().find(({ verb }) => verb === ACCEPT_EDIT)?.args.token;
  return board.read(base, typeof token === 'string' ? { accept: token } : {});
}

export interface Around {
  readonly watch: ForgeWatch | null;
  readonly busy: ReadonlySet<string>;
  readonly draining: boolean;
  readonly goneSince: Map<RunId, Ms>;
  readonly upkeep: Pick<UpkeepWatch, 'now'>;
  readonly strays: Pick<StrayWatch, 'now'>;
  readonly reviews: ReviewWatch;
  readonly claims: World['claims'];
  readonly fresh: World['fresh'];
  readonly hearsPersons: boolean;
}

/** The world as the core sees it: this look, what is known of the forge, and the store as it is at this instant. */
export function assembleWorld(ports: Eyes, sight: Sight, around: Around): World {
  const { watch } = around;
  const pulls = watch?.pulls() ?? unknown('there is no GitHub repository', 0);
  const issues = watch?.issues() ?? unknown('there is no GitHub repository', 0);
  const intents = sight.board.known ? sight.board.value.intents : [];
  const requests = ports.store.requests();
  const runs = [...ports.store.openRuns()];
  // A run that is not settled needs its task, also one that has ended: what its issue is told depends on it.
  const ids = new Set<TaskId>(runs.map((run) => run.task));
  if (issues.known) for (const issue of issues.value) ids.add(`gh-${issue.number}`);
  for (const intent of intents) {
    if ('task' in intent) ids.add(intent.task);
    if (intent.kind === 'add' && intent.number !== null) ids.add(`gh-${intent.number}`);
    if (intent.kind === 'order') for (const id of intent.tasks) ids.add(id);
  }
  for (const request of requests) if (request.task !== null) ids.add(request.task);
  const strays = around.strays.now(sight.board.known ? sight.board.value.base.text : null);
  if (strays.known) for (const { task } of strays.value) if (task !== null) ids.add(task);
  const reviewed = around.reviews.due(pulls);
  for (const id of reviewed) ids.add(id);
  const asked = new Set([
    ...reviewed,
    // One that waits for its next round may find that its pull is over.
    ...eventfulIn(ports.store.openTasks()).flatMap((task) => (task.state === 'pending' && task.rounds !== undefined ? [task.id] : [])),
    ...requests.flatMap((request) => (request.task === null ? [] : [request.task])),
    ...intents.flatMap((intent) => (intent.kind === 'retry' ? [intent.task] : [])),
    ...intents.flatMap((intent) => (intent.kind === 'add' && intent.number !== null ? [`gh-${intent.number}` as const] : [])),
  ]);
  for (const [task, signs] of sight.signs) {
    if (!signs.known || signs.value.stop === null) continue;
    ids.add(task);
    asked.add(task);
  }
  const open = ports.store.openTasks();
  const racing = withRaces(ports, open, ids);
  for (const id of racing) asked.add(id);
  const tasks = mergeTasks(open, ports.store.tasks([...ids, ...racing]));
  return {
    tasks,
    runs: [...runs, ...lastRuns(ports, asked.size === 0 ? [] : tasks.filter((task) => asked.has(task.id)), runs)],
    forge: watch === null ? 'none' : 'github',
    issues,
    pulls,
    pullSights: around.reviews.sights(),
    ownPulls: around.reviews.ownPulls(pulls),
    calls: around.reviews.calls(),
    triggers: watch?.triggers() ?? new Map(),
    singles: watch?.singles() ?? new Map(),
    dependencies: watch?.dependencies() ?? new Map(),
    claims: around.claims,
    processes: sight.processes,
    strays,
    streams: sight.streams,
    unread: sight.unread,
    signs: sight.signs,
    machine: sight.machine,
    ...(sight.endedThere === undefined ? {} : { endedThere: sight.endedThere }),
    intents,
    isEditHeld: sight.board.known && sight.board.value.held !== null,
    requests,
    hearsPersons: around.hearsPersons,
    busy: around.busy,
    draining: around.draining,
    today: today(ports),
    logins: sight.logins?.known === true ? sight.logins.value : null,
    fleet: ports.store.fact('fleet') ?? NEW_FLEET,
    fresh: around.fresh,
    goneSince: noteGone(sight.processes, around.goneSince, ports.clock.now()),
    upkeep: around.upkeep.now(),
  };
}

/** A day may have 23 or 25 hours: a little more than that after its midnight it is the next one. */
function today({ clock }: Eyes): World['today'] {
  const start = clock.startOfDay(clock.now());
  return { start, end: clock.startOfDay(start + 27 * 60 * 60_000) };
}

/** Attempts side by side are decided on together: those of each task that is open or named, and the task of each that is. */
function withRaces({ store }: Pick<Eyes, 'store'>, open: readonly Task[], ids: Set<TaskId>): readonly TaskId[] {
  const eventful = eventfulIn(open);
  for (const id of [...ids, ...eventful.map((task) => task.id)]) if (isRacer(id)) ids.add(rootOf(id));
  const named = ids.size === 0 ? [] : store.tasks([...ids]);
  return [...new Set([...eventful, ...named].flatMap(({ race }) => race?.racers ?? []))];
}

/** The open ones, in the very list that the store has of them where no other one is named. */
function mergeTasks(open: readonly Task[], named: readonly Task[]): readonly Task[] {
  const more = named.filter(({ state }) => state !== 'pending' && state !== 'active' && state !== 'blocked');
  return more.length === 0 ? open : [...open, ...new Map(more.map((task) => [task.id, task])).values()];
}

/** The last runs of ended tasks that a person names: a retry may go on in their conversation, or deliver their work again. */
function lastRuns(ports: Eyes, tasks: readonly Task[], open: readonly Run[]): readonly Run[] {
  const have = new Set(open.map((run) => run.id));
  return tasks.flatMap((task) => {
    const run = 'run' in task && task.run !== null ? ports.store.run(task.run) : ports.store.runsOf(task.id).at(-1);
    return run == null || have.has(run.id) ? [] : [run];
  });
}

/** Since when a run is seen gone without an exit record; forgotten as soon as it is seen otherwise. */
function noteGone(processes: Sight['processes'], goneSince: Map<RunId, Ms>, now: Ms): ReadonlyMap<RunId, Ms> {
  for (const [run, seen] of processes) {
    const gone = seen.known && seen.value.kind === 'gone' && seen.value.exit === null;
    if (!gone) goneSince.delete(run);
    else if (!goneSince.has(run)) goneSince.set(run, now);
  }
  for (const run of [...goneSince.keys()]) if (!processes.has(run)) goneSince.delete(run);
  return goneSince;
}

/** For so long after its end, and up to an hour more, a person may still write into STOP why. */
const WITHIN: Ms = 24 * 3_600_000;
/** The store keeps its answer to a question that is asked again: one that is another with each tick would push out all others. */
const HOUR: Ms = 3_600_000;
const MOST = 20;

interface Found {
  readonly changes: number;
  readonly runs: readonly Run[];
}
/** Asked once for each state of the store. */
const found = new WeakMap<Eyes['store'], Found>();

const isStopped = (task: Task): boolean => task.state === 'failed' && task.failure.by === STOP_FILE;

/** Settled runs that a STOP file ended lately. */
function lateRuns({ store, clock }: Pick<Eyes, 'store' | 'clock'>): readonly Run[] {
  const changes = store.changes();
  const before = found.get(store);
  if (before?.changes === changes) return before.runs;
  const failed = store
    .endedTasks({ state: 'failed', since: Math.floor(clock.now() / HOUR) * HOUR - WITHIN, limit: MOST })
    .filter(isStopped);
  const ids = new Set(failed.flatMap((task) => (task.state === 'failed' && task.run !== null ? [task.run] : [])));
  const runs = [...ids].flatMap((id) => store.run(id) ?? []).filter(({ state }) => state === 'settled');
  found.set(store, { changes, runs });
  return runs;
}
