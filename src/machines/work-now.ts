import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import { createCalls } from '../adapters/machines/calls.ts';
import { openDatabase } from '../adapters/machines/database.ts';
import { sharedOn } from '../adapters/machines/shared.ts';
import type { Ask } from '../adapters/machines/wire.ts';
import type { Environment } from '../compose/log.ts';
import type { Run } from '../core/model/run.ts';
import type { Task } from '../core/model/task.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Project } from '../place/project.ts';
import { cleanLine } from '../transcript/show/clean.ts';
import { postgresUrl } from './open.ts';

/** A person waits for it. */
const WITHIN_MS = 20_000;

export interface There {
  readonly machine: string;
  readonly task: Task;
  readonly run: Run;
}

/**
 * Has the work of a run elsewhere here as it is now: its branch, and a snapshot of its worktree. Answers a line that says why it is not; empty: it
 * is. What came here before stays in any case.
 */
export async function bringWorkNow(
  { settings }: Project,
  env: Environment,
  workspaces: Pick<GitWorkspaces, 'tips' | 'takeWork'>,
  { machine, task, run }: There,
): Promise<string> {
  try {
    if (settings.machines === null) throw new Error('tac8.yaml names no machines');
    const database = await openDatabase(postgresUrl(settings.machines, env), settings.machines.schema);
    try {
      const shared = sharedOn(database);
      const ask: Ask = { kind: 'snapshot', task, run: run.id, have: await workspaces.tips() };
      const parcel = String(await createCalls(shared).ask(machine, ask, AbortSignal.timeout(WITHIN_MS)));
      try {
        await workspaces.takeWork(task, await shared.pickUp(parcel));
      } finally {
        await shared.throwAway(parcel);
      }
      return '';
    } finally {
      await database.close();
    }
  } catch (error) {
    return `${cleanLine(`${task.id} is on ${machine}, and this is what had come from there before: ${messageOf(error)}`)}\n`;
  }
}
