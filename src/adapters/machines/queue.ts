import { PgBoss } from 'pg-boss';
import type { RunId, TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Ask, Database } from './database.ts';
import { type Lead, leads } from './lead.ts';

/** A run that waits for a machine. */
export interface Offered {
  readonly run: RunId;
  readonly task: TaskId;
}

/** One queue among several: that of one machine, or of all that have these labels (null). */
export interface Place {
  readonly machine: string | null;
  readonly labels: readonly string[];
}

export interface Waiting {
  readonly id: string;
  readonly offered: Offered;
}

/** A run that was taken, and of which nobody has said that it has a lease, waits again after this time, in seconds. */
export const TAKEN_WITHIN_S = 15;

/** Where runs wait. A coordinator that has lost the lead changes nothing: it hears so by a retryable PortError. */
export interface Queue {
  /** Once, however often it is called: a run that waits already, or is being taken, is not offered again. */
  send(place: Place, offered: Offered, priority: number): Promise<void>;
  /** One that waits still does so no longer. */
  cancel(place: Place, run: RunId): Promise<void>;
  /** The most urgent one, which nobody else gets for a while; null: none waits. */
  fetch(place: Place): Promise<Waiting | null>;
  complete(place: Place, id: string): Promise<void>;
  /** The queues of labels that a machine with these has all of. */
  fitting(labels: readonly string[]): Promise<readonly (readonly string[])[]>;
  /** Makes a queue where it is missing. */
  open(place: Place): Promise<void>;
  close(): Promise<void>;
}

/** The common queue. Each machine has a queue of its own besides; what needs labels waits by itself. */
const nameOf = ({ machine, labels }: Place): string =>
  machine !== null ? `runs.${machine}` : labels.length === 0 ? 'runs' : `labelled.${labels.toSorted().join('.')}`;

/** A queue that the coordinator has not made yet is empty. */
function unlessMissing(error: unknown): never[] {
  if (/ does not exist/.test(messageOf(error))) return [];
  throw error;
}

/** What pg-boss is given to ask by. */
interface Db {
  readonly executeSql: Ask;
}

/** By pg-boss. `lead`: of a coordinator; null: a runner. */
export async function openQueue(database: Database, lead: Pick<Lead, 'generation'> | null): Promise<Queue> {
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
  const open = async (place: Place): Promise<string> => {
    const name = nameOf(place);
    if (!database.isOwner || made.has(name)) return name;
    if (place.machine === null && place.labels.length > 0)
      await database.query('insert into labelled (queue, labels) values ($1, $2) on conflict do nothing', [name, place.labels]);
    await database.alone(() =>
      boss.createQueue(name, { policy: 'exclusive', retryLimit: 1_000, retryDelay: 0, expireInSeconds: TAKEN_WITHIN_S }),
    );
    made.add(name);
    return name;
  };
  /** What is done to the queue is done in one with the look at the lead, which nobody takes over meanwhile. */
  const asLeader = (work: (db: Db) => Promise<unknown>): Promise<void> =>
    database.together(async (ask) => {
      const { rows } = await ask(`select 1 where ${leads('$1', generation)}`, [generation]);
      if (rows.length === 0) throw new PortError('retryable', 'another coordinator has taken over');
      await work({ executeSql: ask });
    });
  return {
    async send(place, offered, priority) {
      const name = await open(place);
      await asLeader((db) => boss.send(name, offered, { singletonKey: offered.run, priority, db }));
    },
    async cancel(place, run) {
      const name = await open(place);
      const jobs = await boss.findJobs<Offered>(name, { key: run });
      const waiting = jobs.filter(({ state }) => state === 'created' || state === 'retry').map(({ id }) => id);
      if (waiting.length > 0) await asLeader((db) => boss.cancel(name, waiting, { db }));
    },
    async fetch(place) {
      const [job] = await boss.fetch<Offered>(await open(place)).catch(unlessMissing);
      return job === undefined ? null : { id: job.id, offered: job.data };
    },
    complete: async (place, id) => void (await boss.complete(nameOf(place), id)),
    async fitting(labels) {
      const rows = await database.query<{ labels: string[] }>('select labels from labelled where labels <@ $1 order by queue', [labels]);
      return rows.map((row) => row.labels);
    },
    open: async (place) => void (await open(place)),
    close: () => boss.stop({ graceful: false }),
  };
}
