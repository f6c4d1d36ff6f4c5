import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Dispatch } from '../../adapters/machines/dispatch.ts';
import type { Shared } from '../../adapters/machines/shared.ts';
import { type Ask, type Begin, plain } from '../../adapters/machines/wire.ts';
import type { RunId, Task, TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Site } from '../../engine/act/site.ts';
import type { Result } from '../../engine/perform/step/apply.ts';
import type { Performed } from '../../engine/perform/step/performs.ts';
import type { Subject } from '../../engine/perform/step/subject.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Charges } from '../alone/charges.ts';
import type { LogsThere } from './log-there.ts';
import type { Starts } from './starts.ts';

/** What a runner works with. */
export interface RunnerMeans {
  readonly shared: Pick<Shared, 'layDown' | 'pickUp'>;
  readonly dispatch: Pick<Dispatch, 'holds'>;
  readonly workspaces: GitWorkspaces;
  /** Whether the task has a worktree here. */
  readonly hasTree: (task: TaskId) => boolean;
  readonly logs: LogsThere;
  /** The folder that it was started in. */
  readonly root: string;
  readonly home: Site;
  readonly charges: Charges;
  /** Of this machine. */
  readonly name: string;
  readonly starts: Starts;
  /** What is done to a run now. */
  readonly flights: Map<RunId, Promise<unknown>>;
}

/** A runner's answer to what the coordinator asks: see wire.ts. */
export async function answer(means: RunnerMeans, ask: Ask, signal: AbortSignal, call: string): Promise<unknown> {
  const { workspaces, logs, home, charges } = means;
  switch (ask.kind) {
    case 'tips':
      return workspaces.tips();
    case 'perform':
      if (ask.begin !== null) return begin(means, ask.begin, ask.action as Performed, ask.subject as Subject, signal);
      return perform(means, ask.action as Performed, ask.subject as Subject, signal);
    case 'look': {
      for (const run of ask.runs) charges.told(run, null);
      const sight = await home.look(ask.runs);
      const endedThere = ask.runs.flatMap(({ id }) => {
        const cause = charges.of(id)?.cause ?? null;
        return cause === null ? [] : [[id, cause]];
      });
      const pieces = Object.fromEntries(ask.runs.map((run) => [run.id, logs.piece(run, ask.logs[run.id] ?? 0)]));
      return { ...plain(sight), endedThere, pieces };
    }
    case 'snapshot':
      await workspaces.save(ask.task, ask.run, 'while it runs');
      return send(means, ask.task, ask.have, call);
    case 'work':
      return send(means, ask.task, ask.have, call);
    case 'where':
      return { folder: means.root };
    case 'log':
      return logs.withSum(ask.run, logs.piece(ask.run, ask.from));
    default:
      throw new PortError('terminal', 'this runner does not know the request: it may be of another version than the daemon');
  }
}

/** As a parcel, for whoever waits for it still. */
async function send({ shared, workspaces, name }: RunnerMeans, task: Task, have: readonly string[], call: string): Promise<string> {
  const parcel = await shared.layDown(name, await workspaces.packOfWork(task, have), call);
  if (parcel === null) throw new PortError('retryable', 'nobody waits for it any more');
  return parcel;
}

/** What begins a run, or makes its process: done only by the machine that has the run. */
const BEGINS: ReadonlySet<Performed['kind']> = new Set(['prepare', 'launch']);

/**
 * What is done is known here as well: while nobody is heard, this machine goes on from it. A machine that was frozen may wake up in the midst of a start
 * that went on elsewhere meanwhile, so that it looks first whether the run is its own.
 */
async function perform(means: RunnerMeans, action: Performed, subject: Subject, signal: AbortSignal): Promise<Result> {
  const { home, charges, starts, dispatch, flights, name } = means;
  if (BEGINS.has(action.kind) && !(await dispatch.holds(subject.run.id, name)))
    throw new PortError('retryable', `${subject.run.id} is not on ${name} any more`);
  signal.throwIfAborted();
  charges.told(subject.run, subject.task);
  const done = home.perform(action, subject, signal);
  const all = Promise.allSettled([flights.get(subject.run.id), done]);
  flights.set(subject.run.id, all);
  void all.then(() => flights.get(subject.run.id) === all && flights.delete(subject.run.id));
  const result = await done.catch((error: unknown) => {
    if (!signal.aborted) starts.saw(action.kind, messageOf(error));
    throw error;
  });
  starts.saw(action.kind, failureIn(result));
  charges.did(subject.run.id, result);
  return result;
}

/**
 * A task begins here, or goes on. A worktree that is left from before while the branch went on elsewhere is saved and made anew; into one that is
 * made anew comes what was saved of the task last.
 */
async function begin(
  means: RunnerMeans,
  { parcel, base, saved }: Begin,
  action: Performed,
  subject: Subject,
  signal: AbortSignal,
): Promise<Result> {
  const { workspaces, shared } = means;
  const { task, run } = subject;
  const pack = await shared.pickUp(parcel);
  const tip = pack.refs[`refs/heads/${task.branch}`];
  if (tip !== undefined && means.hasTree(task.id) && !(await workspaces.tips()).includes(tip)) {
    await workspaces.save(task, run.id, 'the work went on elsewhere');
    await workspaces.remove(task, run.id);
  }
  const isNew = !means.hasTree(task.id);
  await workspaces.takeToBegin(pack, base);
  const result = await perform(means, action, subject, signal);
  if (!isNew || saved == null || result.events.every(({ event }) => event.kind !== 'prepared')) return result;
  const words = await workspaces.restore(task, { ref: saved }).then(
    () => `with what was saved in ${saved}`,
    (error: unknown) => `what was saved in ${saved} is not in it: ${messageOf(error)}`,
  );
  return { ...result, events: result.events.map(({ event, why }) => ({ event, why: `${why}, ${words}` })) };
}

/** What kept a start from being one, on this machine; a setup that fails would do so everywhere. */
function failureIn({ events }: Result): string | null {
  const [failed] = events.flatMap(({ event }) => (event.kind === 'ended' && event.failedStart !== undefined ? [event.failedStart] : []));
  return failed === undefined || failed.type === 'setup_error' ? null : failed.message;
}
