import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import type { Database } from '../adapters/machines/database.ts';
import { layDown, pickUp } from '../adapters/machines/packs.ts';
import { type Ask, plain } from '../adapters/machines/wire.ts';
import type { Site } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Performed } from '../engine/perform/step/performs.ts';
import type { Subject } from '../engine/perform/step/subject.ts';
import { PortError } from '../engine/ports/error.ts';
import type { Charges } from './alone/charges.ts';
import { readLogPiece } from './far-log.ts';

/** What a runner works with. */
export interface RunnerMeans {
  readonly database: Database;
  readonly workspaces: GitWorkspaces;
  readonly logs: string;
  readonly home: Site;
  readonly charges: Charges;
}

/** A runner's answer to what the coordinator asks: see wire.ts. */
export async function answer(means: RunnerMeans, ask: Ask, signal: AbortSignal): Promise<unknown> {
  const { database, workspaces, logs, home, charges } = means;
  switch (ask.kind) {
    case 'tips':
      return workspaces.tips();
    case 'perform':
      if (ask.begin !== null) await workspaces.takeToBegin(await pickUp(database, ask.begin.parcel), ask.begin.base);
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
    case 'work':
      return layDown(database, await workspaces.packOfWork(ask.task, ask.have));
    case 'log':
      return readLogPiece(logs, ask.run, ask.from);
    default:
      throw new PortError('terminal', 'this runner does not know what it is asked: another version?');
  }
}

/** What is done is known here as well: while nobody is heard, this machine goes on from it. */
async function perform({ home, charges }: RunnerMeans, action: Performed, subject: Subject, signal: AbortSignal): Promise<Result> {
  charges.told(subject.run, subject.task);
  const result = await home.perform(action, subject, signal);
  charges.did(subject.run.id, result);
  return result;
}
