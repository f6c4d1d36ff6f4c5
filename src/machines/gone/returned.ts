import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Forgotten } from '../../adapters/machines/forgotten.ts';
import type { Shared } from '../../adapters/machines/shared.ts';
import { type RunId, type Task, unknownTask } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Workers } from '../../engine/ports/machine/workers.ts';
import type { Charges } from '../alone/charges.ts';

interface Means {
  readonly shared: Pick<Shared, 'forgottenOf' | 'handIn' | 'welcomeBack' | 'layDown'>;
  readonly workspaces: Pick<GitWorkspaces, 'save' | 'packOfWork'>;
  readonly workers: Pick<Workers, 'signal'>;
  readonly charges: Charges;
  readonly branchPrefix: string;
  readonly say: (words: string) => void;
}

/** What is done to a run now. */
interface Flying {
  readonly flights: ReadonlyMap<RunId, Promise<unknown>>;
}

/** A machine that was given up and is back: what it had went on elsewhere, so that it is ended here and saved. Then it may work again. */
export async function endForgotten({ flights }: Flying, means: Means, machine: string): Promise<void> {
  const { shared, say } = means;
  for (const one of await shared.forgottenOf(machine)) {
    say(`${one.run} of ${one.task} went on elsewhere while this machine was away: it is ended here and saved`);
    // What was begun before it was given up comes to its end first: else a process of it would come up afterwards.
    await flights.get(one.run);
    await endOne(means, one);
  }
  await shared.welcomeBack(machine);
}

async function endOne({ shared, workspaces, workers, charges, branchPrefix }: Means, one: Forgotten): Promise<void> {
  const charge = charges.of(one.run);
  const task: Task = charge?.task ?? unknownTask(one.task, branchPrefix);
  const run = charge?.run ?? null;
  const identity = run !== null && (run.state === 'running' || run.state === 'stopping') ? run.process : null;
  // It came from the coordinator, so that the commits below it need not go there.
  const base = run !== null && 'baseCommit' in run ? run.baseCommit : null;
  const { left } = await workers.signal(one.run, identity, 'SIGKILL');
  if (left > 0) throw new PortError('retryable', `${left} processes of ${one.run} still live`);
  await workspaces.save(task, one.run, 'it went on elsewhere');
  const parcel = await shared.layDown(one.machine, await workspaces.packOfWork(task, base === null ? [] : [base]));
  if (parcel === null) throw new PortError('retryable', `what was saved of ${one.run} could not be sent`);
  await shared.handIn(one, parcel);
  charges.forget(one.run);
}
