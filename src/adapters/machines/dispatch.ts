import { PgBoss } from 'pg-boss';
import { SILENT_AFTER_MS } from '../../core/limits/machines-seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Ask, Database } from './database.ts';
import { type Lead, leads } from './lead.ts';

/** The common queue. Each machine has a queue of its own besides, for runs that continue a conversation there. */
const QUEUE = 'runs';
/** What needs labels waits by itself, for machines that have them all. */
const queueOf = (machine: string | null, labels: readonly string[]): string =>
  machine !== null ? `${QUEUE}.${machine}` : labels.length === 0 ? QUEUE : `labelled.${labels.toSorted().join('.')}`;
/** A run goes to another runner when the one that fetched it has written no lease within this time, in seconds. */
const TAKEN_WITHIN_S = 15;

export interface Offered {
  readonly run: RunId;
  readonly task: TaskId;
}

/** What pg-boss is given to ask by. */
interface Db {
  readonly executeSql: Ask;
}

/** The queue of runs that wait for a machine. A coordinator that has lost the lead changes nothing in it. */
export interface Dispatch {
  /** Offers a run to one machine, or to all that have these labels (null), once, however often it is called. */
  offer(run: RunId, task: TaskId, priority: number, to: string | null, labels?: readonly string[]): Promise<void>;
  /** It is not to be taken from there any more. */
  withdraw(run: RunId, from: string | null, labels?: readonly string[]): Promise<void>;
  /** For a runner: takes the next run that waits, and writes down that it is this machine's; null: none waits. */
  take(machine: string, labels?: readonly string[]): Promise<Offered | null>;
  /** The machine that a run was given to. */
  machineOf(run: RunId): Promise<string | null>;
  /** For a runner, before it begins anything: whether the run is this machine's still. */
  holds(run: RunId, machine: string): Promise<boolean>;
  /** The run is over, or was never begun there: the machine has the slot again. */
  release(run: RunId): Promise<void>;
  /** Takes a run back that has not begun from a machine that has fallen silent. Answers whether it did. */
  takeBack(run: RunId): Promise<boolean>;
  /** Makes the queue of a machine that may not do so itself. */
  welcome(machine: string): Promise<void>;
  close(): Promise<void>;
}

/** A queue that the coordinator has not made yet is empty. */
function unlessMissing(error: unknown): never[] {
  if (/ does not exist/.test(messageOf(error))) return [];
  throw error;
}

/** `lead`: of a coordinator; null: a runner. */
export async function openDispatch(database: Database, lead: Pick<Lead, 'generation'> | null = null): Promise<Dispatch> {
  const generation = lead?.generation ?? null;
  const boss = new PgBoss({
    connectionString: database.url,
    schema: `${database.schema}_queue`,
    application_name: 'tac8 queue',
    max: 2,
    schedule: false,
    // Another role made the tables, and looks after them.
    ...(database.isOwner ? {} : { migrate: false, createSchema: false, supervise: false }),
  });
  // Postgres is away: each call says so by itself.
  boss.on('error', () => undefined);
  await database
    .alone(() => boss.start())
    .catch(async (error: unknown) => {
      await boss.stop({ graceful: false }).catch(() => undefined);
      throw error;
    });
  const made = new Set<string>();
  const open = async (machine: string | null, labels: readonly string[] = []): Promise<string> => {
    const name = queueOf(machine, labels);
    if (!database.isOwner) return name;
    if (!made.has(name) && machine === null && labels.length > 0)
      await database.query('insert into labelled (queue, labels) values ($1, $2) on conflict do nothing', [name, labels]);
    if (!made.has(name))
      await database.alone(() =>
        boss.createQueue(name, { policy: 'exclusive', retryLimit: 1_000, retryDelay: 0, expireInSeconds: TAKEN_WITHIN_S }),
      );
    made.add(name);
    return name;
  };
  const next = async (name: string): Promise<{ readonly id: string; readonly data: Offered } | null> =>
    (await boss.fetch<Offered>(name).catch(unlessMissing))[0] ?? null;
  /** What is done to the queue is done in one with the look at the lead, which nobody takes over meanwhile. */
  const asLeader = (work: (db: Db) => Promise<unknown>): Promise<void> =>
    database.together(async (ask) => {
      const { rows } = await ask(`select 1 where ${leads('$1', generation)}`, [generation]);
      if (rows.length === 0) throw new PortError('retryable', 'another coordinator has taken over');
      await work({ executeSql: ask });
    });
  return {
    async offer(run, task, priority, to, labels) {
      const name = await open(to, labels);
      await asLeader((db) => boss.send(name, { run, task }, { singletonKey: run, priority, db }));
      await database.tell('leases', '');
    },
    async withdraw(run, from, labels) {
      const name = await open(from, labels);
      const jobs = await boss.findJobs<Offered>(name, { key: run });
      const waiting = jobs.filter(({ state }) => state === 'created' || state === 'retry').map(({ id }) => id);
      if (waiting.length > 0) await asLeader((db) => boss.cancel(name, waiting, { db }));
    },
    async take(machine, labels = []) {
      const fitting = await database.query<{ labels: string[] }>('select labels from labelled where labels <@ $1 order by queue', [labels]);
      const queues = [await open(machine)];
      for (const one of fitting) queues.push(await open(null, one.labels));
      let found: { readonly name: string; readonly job: { readonly id: string; readonly data: Offered } } | null = null;
      for (const name of [...queues, await open(null)]) {
        const job = await next(name);
        if (job === null) continue;
        found = { name, job };
        break;
      }
      if (found === null) return null;
      const { name, job } = found;
      const { run, task } = job.data;
      const rows = await database.query(
        `insert into leases (run, task, machine) select $1, $2, $3
         where not exists (select from machines where name = $3 and forgotten is not null) on conflict (run) do nothing returning run`,
        [run, task, machine],
      );
      await boss.complete(name, job.id);
      await database.tell('leases', run);
      // It was offered once more in the moment in which another machine took it; or this machine was given up in the moment in which it took it.
      return rows.length > 0 ? job.data : null;
    },
    async machineOf(run) {
      const [row] = await database.query<{ machine: string }>('select machine from leases where run = $1', [run]);
      return row?.machine ?? null;
    },
    async holds(run, machine) {
      const rows = await database.query('select 1 from leases where run = $1 and machine = $2', [run, machine]);
      return rows.length > 0;
    },
    async release(run) {
      await database.query(`delete from leases where run = $1 and ${leads('$2', generation)}`, [run, generation]);
      await database.tell('leases', '');
    },
    async takeBack(run) {
      const rows = await database.query(
        `delete from leases using machines where run = $1 and machines.name = leases.machine and machines.seen < now() - make_interval(secs => $2)
           and ${leads('$3', generation)} returning run`,
        [run, SILENT_AFTER_MS / 1_000, generation],
      );
      return rows.length > 0;
    },
    welcome: async (machine) => void (await open(machine)),
    close: () => boss.stop({ graceful: false }),
  };
}
