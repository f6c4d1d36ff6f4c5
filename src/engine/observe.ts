import { type Fleet, NEW_FLEET } from '../core/fleet.ts';
import { messageOf } from '../core/message-of.ts';
import { ACCEPT_EDIT } from '../core/requests.ts';
import type { Run, StreamFacts } from '../core/run.ts';
import { known, type Ms, type Seen, unknown } from '../core/seen.ts';
import type { RunId, Task, TaskId } from '../core/task.ts';
import type { Machine, World } from '../core/world.ts';
import type { Ports } from './context.ts';
import type { ForgeWatch } from './forge-watch.ts';
import type { BoardBase, BoardReading, ProcessSeen, Signs } from './ports.ts';
import type { StrayWatch } from './stray-watch.ts';
import type { UpkeepWatch } from './upkeep.ts';

/** What one look at the machine gave; the store is read afterwards, so that no result that came in meanwhile is missed. */
export interface Sight {
  readonly processes: ReadonlyMap<RunId, Seen<ProcessSeen>>;
  readonly streams: ReadonlyMap<RunId, StreamFacts>;
  readonly unread: ReadonlyMap<RunId, string>;
  readonly signs: ReadonlyMap<TaskId, Seen<Signs>>;
  readonly machine: Seen<Machine>;
  readonly board: Seen<BoardReading>;
  readonly logins: Seen<string> | null;
}

/** A probe that fails is unknown, with its own words; it never fails the tick. */
async function see<T>(ports: Ports, probe: () => Promise<T>): Promise<Seen<T>> {
  try {
    return known(await probe(), ports.clock.now());
  } catch (error) {
    return unknown(messageOf(error), ports.clock.now());
  }
}

const identityOf = (run: Run) => (run.state === 'running' || run.state === 'stopping' ? run.process : null);

/** Asks the ports side by side. */
export async function look(ports: Ports, base: BoardBase, readOnly: boolean): Promise<Sight> {
  const runs = ports.store.openRuns();
  const processes = new Map<RunId, Seen<ProcessSeen>>();
  const streams = new Map<RunId, StreamFacts>();
  const unread = new Map<RunId, string>();
  const signs = new Map<TaskId, Seen<Signs>>();
  const each = runs.map(async (run) => {
    if (run.state === 'preparing' || run.state === 'settled') return;
    if (run.state !== 'ended') {
      processes.set(run.id, await see(ports, () => ports.workers.probe(run.id, identityOf(run))));
    }
    // Words in a STOP file may be written after the end.
    if (run.state !== 'ended' || run.settlement.outcome === undefined)
      signs.set(run.task, await see(ports, () => ports.workspaces.signs(run.task)));
    // After the probe: what a process wrote before it was seen gone is in its log by now.
    const stream = await see(ports, () => ports.agents.follow(run));
    if (stream.known) streams.set(run.id, stream.value);
    else unread.set(run.id, stream.because);
  });
  const isRefused = ports.store.fact<Fleet>('fleet')?.parked?.until === null;
  const [machine, board, logins] = await Promise.all([
    see(ports, () => ports.surroundings.machine()),
    see(ports, () => (readOnly ? ports.board.preview(base) : ports.board.read(base, acceptedEdit(ports)))),
    isRefused ? see(ports, () => ports.agents.logins()) : null,
    Promise.all(each),
  ]);
  return { processes, streams, unread, signs, machine, board, logins };
}

/** The held edit that a person said is meant, by its token. */
function acceptedEdit(ports: Ports): { readonly accept?: string } {
  const token = ports.store.requests().find(({ verb }) => verb === ACCEPT_EDIT)?.args.token;
  return typeof token === 'string' ? { accept: token } : {};
}

export interface Around {
  readonly watch: ForgeWatch | null;
  readonly busy: ReadonlySet<string>;
  readonly draining: boolean;
  readonly goneSince: Map<RunId, Ms>;
  readonly upkeep: Pick<UpkeepWatch, 'now'>;
  readonly strays: Pick<StrayWatch, 'now'>;
}

/** The world as the core sees it: this look, what is known of the forge, and the store as it is at this instant. */
export function assembleWorld(ports: Ports, sight: Sight, around: Around, slots: number): World {
  const { watch } = around;
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
  const asked = new Set(requests.flatMap((request) => (request.task === null ? [] : [request.task])));
  const tasks = mergeTasks(ports.store.openTasks(), ports.store.tasks([...ids]));
  return {
    tasks,
    runs: [
      ...runs,
      ...lastRuns(
        ports,
        tasks.filter((task) => asked.has(task.id)),
        runs,
      ),
    ],
    forge: watch === null ? 'none' : 'github',
    issues,
    pulls: watch?.pulls() ?? unknown('there is no GitHub repository', 0),
    triggers: watch?.triggers() ?? new Map(),
    singles: watch?.singles() ?? new Map(),
    dependencies: watch?.dependencies() ?? new Map(),
    processes: sight.processes,
    strays,
    streams: sight.streams,
    unread: sight.unread,
    signs: sight.signs,
    machine: sight.machine,
    intents,
    isEditHeld: sight.board.known && sight.board.value.held !== null,
    requests,
    busy: around.busy,
    draining: around.draining,
    today: today(ports),
    logins: sight.logins?.known === true ? sight.logins.value : null,
    fleet: { ...NEW_FLEET, ...ports.store.fact<Fleet>('fleet') },
    fresh: Array.from({ length: slots }, () => ports.surroundings.names()),
    goneSince: noteGone(sight.processes, around.goneSince, ports.clock.now()),
    upkeep: around.upkeep.now(),
  };
}

/** A day may have 23 or 25 hours: a little more than that after its midnight it is the next one. */
function today({ clock }: Ports): World['today'] {
  const start = clock.startOfDay(clock.now());
  return { start, end: clock.startOfDay(start + 27 * 60 * 60_000) };
}

function mergeTasks(open: readonly Task[], named: readonly Task[]): readonly Task[] {
  const byId = new Map(open.map((task) => [task.id, task]));
  for (const task of named) byId.set(task.id, task);
  return [...byId.values()];
}

/** The last runs of ended tasks that a command names: a retry may go on in their conversation. */
function lastRuns(ports: Ports, tasks: readonly Task[], open: readonly Run[]): readonly Run[] {
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
