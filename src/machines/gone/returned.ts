import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Database } from '../../adapters/machines/database.ts';
import { type Forgotten, forgottenOf, handIn, welcomeBack } from '../../adapters/machines/forgotten.ts';
import { layDown } from '../../adapters/machines/packs.ts';
import { type Task, unknownTask } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Workers } from '../../engine/ports/machine/workers.ts';
import type { Charges } from '../alone/charges.ts';

interface Means {
  readonly database: Database;
  readonly workspaces: Pick<GitWorkspaces, 'save' | 'packOfWork'>;
  readonly workers: Pick<Workers, 'signal'>;
  readonly charges: Charges;
  readonly branchPrefix: string;
  readonly say: (words: string) => void;
}

/** A machine that was given up and is back: what it had went on elsewhere, so that it is ended here and saved. Then it may work again. */
export async function endForgotten(means: Means, machine: string): Promise<void> {
  const { database, say } = means;
  for (const one of await forgottenOf(database, machine)) {
    say(`${one.run} of ${one.task} went on elsewhere while this machine was away: it is ended here and saved`);
    await endOne(means, one);
  }
  await welcomeBack(database, machine);
}

async function endOne({ database, workspaces, workers, charges, branchPrefix }: Means, one: Forgotten): Promise<void> {
  const charge = charges.of(one.run);
  const task: Task = charge?.task ?? unknownTask(one.task, branchPrefix);
  const run = charge?.run ?? null;
  const identity = run !== null && (run.state === 'running' || run.state === 'stopping') ? run.process : null;
  // It came from the coordinator, so that the commits below it need not go there.
  const base = run !== null && 'baseCommit' in run ? run.baseCommit : null;
  const { left } = await workers.signal(one.run, identity, 'SIGKILL');
  if (left > 0) throw new PortError('retryable', `${left} processes of ${one.run} still live`);
  await workspaces.save(task, one.run, 'it went on elsewhere');
  const parcel = await layDown(database, one.machine, await workspaces.packOfWork(task, base === null ? [] : [base]));
  await handIn(database, one, parcel);
  charges.forget(one.run);
}
