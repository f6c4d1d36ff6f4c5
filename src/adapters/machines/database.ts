import { Client, Pool } from 'pg';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../../engine/ports/error.ts';
import { POLICIES } from './tables/rights.ts';
import { SCHEMA } from './tables/schema.ts';

/** The Postgres that coordinator and runners share. Each call throws a retryable PortError while it is away. */
export interface Database {
  readonly url: string;
  readonly schema: string;
  /** The tables are this role's: it makes and changes them. Else it has the rights of a runner, see rights.ts. */
  readonly isOwner: boolean;
  query<T extends object = Record<string, unknown>>(text: string, values?: readonly unknown[]): Promise<T[]>;
  /** Hears what is told on a channel; an empty word after the connection was lost, since words may have been missed then. Answers what ends it. */
  listen(channel: Channel, hear: (word: string) => void): () => void;
  tell(channel: Channel, word: string): Promise<void>;
  /** All that `work` asks happens at once, or nothing of it. */
  together<T>(work: (ask: Ask) => Promise<T>): Promise<T>;
  /** Runs `work` under a lock that all programs at this database share: two that start at once would both make the tables. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** A question within a transaction. */
export type Ask = (text: string, values?: readonly unknown[]) => Promise<{ readonly rows: object[] }>;

/** Whoever waits for a machine hears of leases, and not of offers: those are its own. */
export type Channel = 'calls' | 'answers' | 'leases' | 'offers';

const RECONNECT_MS = 1_000;
const CONNECT_LIMIT_MS = 30_000;
const STATEMENT_LIMIT_MS = 60_000;
/** A line that was cut without a word is given up then. */
const ANSWER_LIMIT_MS = STATEMENT_LIMIT_MS + 5_000;
const NAME = /^[a-z_][a-z0-9_]{0,40}$/;

/** Connects, and makes the tables where they are missing. `schema`: one per repository. */
export async function openDatabase(url: string, schema: string): Promise<Database> {
  if (!NAME.test(schema)) throw new PortError('terminal', `${schema} is no name for a schema of Postgres: letters, digits and _`);
  const pool = new Pool({
    ...{ connectionString: url, max: 4, application_name: 'tac8', options: `-c search_path=${schema}` },
    ...{ connectionTimeoutMillis: CONNECT_LIMIT_MS, statement_timeout: STATEMENT_LIMIT_MS, query_timeout: ANSWER_LIMIT_MS },
  });
  // An idle connection may be lost: the next query opens another.
  pool.on('error', () => undefined);
  const query: Database['query'] = async <T extends object>(text: string, values: readonly unknown[] = []) => {
    try {
      return (await pool.query<T>(text, [...values])).rows;
    } catch (error) {
      throw new PortError('retryable', `Postgres: ${messageOf(error)}`, { cause: error });
    }
  };
  const alone = async <T>(work: () => Promise<T>): Promise<T> => {
    const client = new Client({ connectionString: url, application_name: 'tac8 alone', connectionTimeoutMillis: CONNECT_LIMIT_MS });
    client.on('error', () => undefined);
    try {
      await client.connect();
      await client.query('select pg_advisory_lock(20261129)');
      return await work();
    } catch (error) {
      throw error instanceof PortError ? error : new PortError('retryable', `Postgres: ${messageOf(error)}`, { cause: error });
    } finally {
      // Postgres frees the lock when the connection ends.
      await client.end().catch(() => undefined);
    }
  };
  const together = async <T>(work: (ask: Ask) => Promise<T>): Promise<T> => {
    const client = await pool.connect().catch((error: unknown) => {
      throw new PortError('retryable', `Postgres: ${messageOf(error)}`, { cause: error });
    });
    let broken: Error | undefined;
    // Postgres may go away between two questions: without a hearer that would end the process. The next question fails.
    const lost = (error: Error): void => {
      broken = error;
    };
    client.on('error', lost);
    try {
      await client.query('begin');
      const value = await work((text, values = []) => client.query(text, [...values]));
      await client.query('commit');
      return value;
    } catch (error) {
      await client.query('rollback').catch((cause: unknown) => {
        broken = cause instanceof Error ? cause : new Error(messageOf(cause));
      });
      throw error instanceof PortError ? error : new PortError('retryable', `Postgres: ${messageOf(error)}`, { cause: error });
    } finally {
      client.off('error', lost);
      client.release(broken);
    }
  };
  const ears = listenAlways(url, schema);
  let isOwner = true;
  try {
    const [owner] = await query<{ mine: boolean }>(
      'select pg_has_role(current_user, relowner, $3) as mine from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = $1 and relname = $2',
      [schema, 'fleet', 'MEMBER'],
    );
    isOwner = owner?.mine ?? true;
    if (isOwner) await alone(() => makeTables(query, schema));
  } catch (error) {
    ears.close();
    await pool.end();
    throw error;
  }
  return {
    url,
    schema,
    isOwner,
    query,
    listen: ears.listen,
    alone,
    together,
    tell: async (channel, word) => void (await query('select pg_notify($1, $2)', [`${schema}_${channel}`, word])),
    async close() {
      ears.close();
      await pool.end().catch(() => undefined);
    },
  };
}

/** Others are at work in these tables meanwhile: where Postgres ends this in favour of them, it is done again. */
async function makeTables(query: Database['query'], schema: string): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      await query(`${SCHEMA};${POLICIES}`.replaceAll('SCHEMA', schema));
      return;
    } catch (error) {
      if (tries === 5 || !/deadlock/.test(messageOf(error))) throw error;
    }
  }
}

/** One connection that only listens, made anew whenever it is lost. */
function listenAlways(url: string, schema: string) {
  const hearers = new Map<string, Set<(word: string) => void>>();
  let client: Client | null = null;
  let again: NodeJS.Timeout | null = null;
  let isClosed = false;

  async function connect(): Promise<void> {
    again = null;
    const mine = new Client({
      connectionString: url,
      application_name: 'tac8 listens',
      keepAlive: true,
      connectionTimeoutMillis: CONNECT_LIMIT_MS,
    });
    client = mine;
    const lost = (): void => {
      if (client !== mine || isClosed) return;
      client = null;
      void mine.end().catch(() => undefined);
      again = setTimeout(() => void connect(), RECONNECT_MS);
    };
    // An error event that nobody listens to would end the process.
    mine.on('error', lost);
    mine.on('end', lost);
    mine.on('notification', ({ channel, payload = '' }) => {
      for (const hear of hearers.get(channel) ?? []) hear(payload);
    });
    try {
      await mine.connect();
      for (const channel of hearers.keys()) await mine.query(`listen ${channel}`);
      for (const all of hearers.values()) for (const hear of all) hear('');
    } catch {
      lost();
    }
  }
  void connect();

  return {
    listen(channel: Channel, hear: (word: string) => void): () => void {
      const name = `${schema}_${channel}`;
      const all = hearers.get(name) ?? new Set();
      if (!hearers.has(name)) void client?.query(`listen ${name}`).catch(() => undefined);
      hearers.set(name, all.add(hear));
      return () => void all.delete(hear);
    },
    close(): void {
      isClosed = true;
      if (again !== null) clearTimeout(again);
      void client?.end().catch(() => undefined);
    },
  };
}

/** Words may be missed; whoever waits for one looks again after this time. */
const LOOK_AGAIN_MS = 2_000;

/** Waits for a word on the channel, for the end of patience, or until nobody waits any more. Never fails. */
export function wordOrTime(database: Database, channel: Channel, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      stop();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, LOOK_AGAIN_MS);
    const stop = database.listen(channel, done);
    signal?.addEventListener('abort', done);
  });
}
