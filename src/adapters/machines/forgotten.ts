import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Database } from './database.ts';
import { leads } from './lead.ts';

/** A run that was given up with its machine; the work goes on elsewhere as another run. */
export interface Forgotten {
  readonly run: RunId;
  readonly task: TaskId;
  readonly machine: string;
  /** What the machine saved of it after it came back, see packs.ts; null: it has not come back. */
  readonly parcel: string | null;
}

/** Gives a machine up that is gone for good: it has no run any more, and takes none before it has ended those it had. Answers them; null: there is none of that name. */
export async function forgetMachine(
  database: Database,
  machine: string,
  generation: string | null = null,
): Promise<readonly RunId[] | null> {
  const rows = await database.query<{ runs: RunId[] }>(
    `with held as (select 1 where ${leads('$2', generation)}),
       given_up as (delete from leases where machine = $1 and exists (select from held) returning run, task),
       kept as (insert into forgotten (run, machine, task) select run, $1, task from given_up on conflict do nothing)
     update machines set forgotten = now() where name = $1 and exists (select from held) returning array(select run from given_up) as runs`,
    [machine, generation],
  );
  await database.tell('leases', '');
  return rows[0]?.runs ?? null;
}

/** Which of these runs were given up with the machine. */
export async function forgottenAmong(database: Database, machine: string, runs: readonly RunId[]): Promise<ReadonlySet<RunId>> {
  const rows = await database.query<{ run: RunId }>('select run from forgotten where machine = $1 and run = any($2)', [machine, runs]);
  return new Set(rows.map(({ run }) => run));
}

/** For the machine that came back: what it has to end and to save. */
export const forgottenOf = (database: Database, machine: string): Promise<Forgotten[]> =>
  database.query<Forgotten>('select run, task, machine, parcel from forgotten where machine = $1 and parcel is null and not over', [
    machine,
  ]);

/** It is ended and saved there. */
export const handIn = (database: Database, { run, machine }: Forgotten, parcel: string): Promise<unknown> =>
  database.query('update forgotten set parcel = $3 where run = $1 and machine = $2', [run, machine, parcel]);

/** What machines that came back have saved, for the coordinator to take. */
export const handedIn = (database: Database): Promise<Forgotten[]> =>
  database.query<Forgotten>('select run, task, machine, parcel from forgotten where parcel is not null');

export const settleForgotten = (database: Database, { run, machine }: Forgotten, generation: string | null = null): Promise<unknown> =>
  database.query(`update forgotten set parcel = null, over = true where run = $1 and machine = $2 and ${leads('$3', generation)}`, [
    run,
    machine,
    generation,
  ]);

/** Everything that it had is ended and saved: it may work again. */
export const welcomeBack = (database: Database, machine: string): Promise<unknown> =>
  database.query('update machines set forgotten = null where name = $1', [machine]);
