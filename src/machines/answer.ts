import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import type { Database } from '../adapters/machines/database.ts';
import { layDown, pickUp } from '../adapters/machines/packs.ts';
import { type Ask, plain } from '../adapters/machines/wire.ts';
import type { Site } from '../engine/act/site.ts';
import type { Performed } from '../engine/perform/step/performs.ts';
import type { Subject } from '../engine/perform/step/subject.ts';
import { PortError } from '../engine/ports/error.ts';
import { readLogPiece } from './far-log.ts';

/** What a runner works with. */
export interface RunnerMeans {
  readonly database: Database;
  readonly workspaces: GitWorkspaces;
  readonly logs: string;
  readonly home: Site;
}

/** A runner's answer to what the coordinator asks: see wire.ts. */
export async function answer(means: RunnerMeans, ask: Ask, signal: AbortSignal): Promise<unknown> {
  const { database, workspaces, logs, home } = means;
  switch (ask.kind) {
    case 'tips':
      return workspaces.tips();
    case 'perform':
      if (ask.begin !== null) await workspaces.takeToBegin(await pickUp(database, ask.begin.parcel), ask.begin.base);
      return home.perform(ask.action as Performed, ask.subject as Subject, signal);
    case 'look': {
      const sight = await home.look(ask.runs);
      const pieces = Object.fromEntries(ask.runs.map((run) => [run.id, readLogPiece(logs, run, ask.logs[run.id] ?? 0)]));
      return { ...plain(sight), pieces };
    }
    case 'work':
      return layDown(database, await workspaces.packOfWork(ask.task, ask.have));
    case 'log':
      return readLogPiece(logs, ask.run, ask.from);
    default:
      throw new PortError('terminal', 'this runner does not know what it is asked: another version?');
  }
}
