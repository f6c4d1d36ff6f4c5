import { existsSync } from 'node:fs';
import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import type { Database } from '../adapters/machines/database.ts';
import { layDown, pickUp } from '../adapters/machines/packs.ts';
import { type Ask, type Begin, plain } from '../adapters/machines/wire.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Site } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Performed } from '../engine/perform/step/performs.ts';
import type { Subject } from '../engine/perform/step/subject.ts';
import { PortError } from '../engine/ports/error.ts';
import type { Charges } from './alone/charges.ts';
import { readLogPiece, withSum } from './far-log.ts';
import type { Starts } from './starts.ts';

/** What a runner works with. */
export interface RunnerMeans {
  readonly database: Database;
  readonly workspaces: GitWorkspaces;
  readonly logs: string;
  /** The folder that it was started in. */
  readonly root: string;
  readonly home: Site;
  readonly charges: Charges;
  /** Of this machine. */
  readonly name: string;
  readonly starts: Starts;
}

/** A runner's answer to what the coordinator asks: see wire.ts. */
export async function answer(means: RunnerMeans, ask: Ask, signal: AbortSignal): Promise<unknown> {
  const { database, workspaces, logs, home, charges } = means;
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
      const pieces = Object.fromEntries(ask.runs.map((run) => [run.id, readLogPiece(logs, run, ask.logs[run.id] ?? 0)]));
      return { ...plain(sight), endedThere, pieces };
    }
    case 'snapshot':
      await workspaces.save(ask.task, ask.run, 'while it runs');
      return layDown(database, means.name, await workspaces.packOfWork(ask.task, ask.have));
    case 'work':
      return layDown(database, means.name, await workspaces.packOfWork(ask.task, ask.have));
    case 'where':
      return { folder: means.root };
    case 'log':
      return withSum(logs, ask.run, readLogPiece(logs, ask.run, ask.from));
    default:
      throw new PortError('terminal', 'this runner does not know the request: it may be of another version than the daemon');
  }
}

/** What is done is known here as well: while nobody is heard, this machine goes on from it. */
async function perform({ home, charges, starts }: RunnerMeans, action: Performed, subject: Subject, signal: AbortSignal): Promise<Result> {
  charges.told(subject.run, subject.task);
  const result = await home.perform(action, subject, signal).catch((error: unknown) => {
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
  const { workspaces, database } = means;
  const { task, run } = subject;
  const pack = await pickUp(database, parcel);
  const tip = pack.refs[`refs/heads/${task.branch}`];
  const path = workspaces.pathOf(task.id);
  if (tip !== undefined && existsSync(path) && !(await workspaces.tips()).includes(tip)) {
    await workspaces.save(task, run.id, 'the work went on elsewhere');
    await workspaces.remove(task, run.id);
  }
  const isNew = !existsSync(path);
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
