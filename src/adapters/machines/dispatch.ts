import { PgBoss } from 'pg-boss';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { Database } from './database.ts';
import { SILENT_AFTER_MS } from './register.ts';

/** The common queue. Each machine has a queue of its own besides, for runs that continue a conversation there. */
const QUEUE = 'runs';
const queueOf = (machine: string | null): string => (machine === null ? QUEUE : `${QUEUE}.${machine}`);
/** A run goes to another runner when the one that fetched it has written no lease within this time, in seconds. */
const TAKEN_WITHIN_S = 15;

interface Offered {
  readonly run: RunId;
  readonly task: TaskId;
}

/** The queue of runs that wait for a machine. */
export interface Dispatch {
  /** Offers a run to one machine, or to all (null), once, however often it is called. */
  offer(run: RunId, task: TaskId, priority: number, to: string | null): Promise<void>;
  /** It is not to be taken from there any more. */
  withdraw(run: RunId, from: string | null): Promise<void>;
  /** For a runner: takes the next run that waits, and writes down that it is this machine's; null: none waits. */
  take(machine: string): Promise<Offered | null>;
  /** The machine that a run was given to. */
  machineOf(run: RunId): Promise<string | null>;
  /** The run is over, or was never begun there: the machine has the slot again. */
  release(run: RunId): Promise<void>;
  /** Takes a run back that has not begun from a machine that has fallen silent. Answers whether it did. */
  takeBack(run: RunId): Promise<boolean>;
  close(): Promise<void>;
}

export async function openDispatch(database: Database): Promise<Dispatch> {
  const boss = new PgBoss({
    connectionString: database.url,
    schema: `${database.schema}_queue`,
    application_name: 'tac8 queue',
    max: 2,
    schedule: false,
  });
  // Postgres is away: each call says so by itself.
  boss.on('error', () => undefined);
  await database.alone(() => boss.start());
  const made = new Set<string>();
  const open = async (machine: string | null): Promise<string> => {
    const name = queueOf(machine);
    if (!made.has(name))
      await database.alone(() =>
        boss.createQueue(name, { policy: 'exclusive', retryLimit: 1_000, retryDelay: 0, expireInSeconds: TAKEN_WITHIN_S }),
      );
    made.add(name);
    return name;
  };
  const next = async (name: string): Promise<{ readonly id: string; readonly data: Offered } | null> =>
    (await boss.fetch<Offered>(name))[0] ?? null;
  return {
    async offer(run, task, priority, to) {
      await boss.send(await open(to), { run, task }, { singletonKey: run, priority });
      await database.tell('leases', '');
    },
    async withdraw(run, from) {
      const name = await open(from);
      const jobs = await boss.findJobs<Offered>(name, { key: run });
      const waiting = jobs.filter(({ state }) => state === 'created' || state === 'retry');
      if (waiting.length > 0)
        await boss.cancel(
          name,
          waiting.map(({ id }) => id),
        );
    },
    async take(machine) {
      const [own, common] = [await open(machine), await open(null)];
      const mine = await next(own);
      const job = mine ?? (await next(common));
      if (job === null) return null;
      const { run, task } = job.data;
      await database.query('insert into leases (run, task, machine) values ($1, $2, $3) on conflict (run) do nothing', [
        run,
        task,
        machine,
      ]);
      await boss.complete(mine === null ? common : own, job.id);
      await database.tell('leases', run);
      return job.data;
    },
    async machineOf(run) {
      const [row] = await database.query<{ machine: string }>('select machine from leases where run = $1', [run]);
      return row?.machine ?? null;
    },
    async release(run) {
      await database.query('delete from leases where run = $1', [run]);
      await database.tell('leases', '');
    },
    async takeBack(run) {
      const rows = await database.query(
        `delete from leases using machines where run = $1 and machines.name = leases.machine and machines.seen < now() - make_interval(secs => $2)
         returning run`,
        [run, SILENT_AFTER_MS / 1_000],
      );
      return rows.length > 0;
    },
    close: () => boss.stop({ graceful: false }),
  };
}
