import { PortError } from '../../engine/ports/error.ts';
import type { Database } from './database.ts';

/*
 * Only one coordinator works with a schema of Postgres. It has the lead for as long as it is heard of; another takes it over after its silence, and
 * raises the generation. What an earlier generation still wants to do, frozen or cut off meanwhile, is not done any more.
 */

export interface Lead {
  readonly generation: string;
  /** The clone that had the lead first: who the schema's coordinator is towards others, whichever has the lead now. */
  readonly owner: string;
  /** Throws when another has the lead, or nobody can tell: asked before each effect outside. */
  check(): Promise<void>;
  /** Tells that it is there. Throws as `check` does. */
  renew(): Promise<void>;
  /** Gives it up: whoever comes has it at once. */
  release(): Promise<void>;
}

export interface Holder {
  /** The clone: a daemon that begins anew in it has the lead at once. */
  readonly id: string;
  /** For people: where it is. */
  readonly words: string;
}

/** So long a coordinator is silent before another one takes over. */
export const LEAD_FREE_AFTER_MS = 30_000;

/** Takes the lead. Refused where another coordinator has it. `onLost`: another one took it over. */
export async function takeLead(database: Database, { id, words }: Holder, onLost: (why: string) => void): Promise<Lead> {
  const [taken] = await database.query<{ generation: string; owner: string }>(
    `insert into lead (id, holder, words, owner) values (1, $1, $2, $1)
     on conflict (id) do update set owner = coalesce(lead.owner, lead.holder), holder = $1, words = $2, generation = lead.generation + 1, seen = now()
       where lead.holder = $1 or lead.seen < now() - make_interval(secs => $3)
     returning generation, owner`,
    [id, words, LEAD_FREE_AFTER_MS / 1_000],
  );
  if (taken === undefined) throw refusal(database.schema, await holderOf(database));
  const { generation, owner } = taken;
  const ask = async (text: string): Promise<void> => {
    const rows = await database.query(text, [generation]);
    if (rows.length > 0) return;
    const why = `another coordinator has taken over: ${(await holderOf(database))?.words ?? 'nobody knows which'}`;
    onLost(why);
    throw new PortError('retryable', why);
  };
  return {
    generation,
    owner,
    check: () => ask('select 1 from lead where generation = $1'),
    renew: () => ask('update lead set seen = now() where generation = $1 returning 1'),
    release: async () => void (await database.query("update lead set seen = 'epoch' where generation = $1", [generation])),
  };
}

/** In a statement: that this generation has the lead, until the statement is over. Whoever has none, a runner or a person, is not held to it. */
export const leads = (parameter: string, generation: string | null): string =>
  generation === null ? `${parameter}::bigint is null` : `exists (select 1 from lead where generation = ${parameter}::bigint for share)`;

/** Who has the lead, or had it last. */
export interface HolderSeen {
  readonly holder: string;
  readonly generation: string;
  /** When it was heard, as Postgres writes it. */
  readonly seen: string;
  readonly words: string;
  readonly silentMs: number;
}

export async function holderOf(database: Database): Promise<HolderSeen | null> {
  const [row] = await database.query<HolderSeen>(
    'select holder, generation, seen::text, words, (extract(epoch from now() - seen) * 1000)::float8 as "silentMs" from lead where id = 1',
  );
  return row ?? null;
}

/** A clone that waits for the lead. */
export interface StandbySeen {
  readonly words: string;
  readonly silentMs: number;
}

/** That it waits still, for people. */
export const tellStandby = (database: Database, { id, words }: Holder): Promise<unknown> =>
  database.query('insert into standbys (holder, words) values ($1, $2) on conflict (holder) do update set words = $2, seen = now()', [
    id,
    words,
  ]);

/** Those that were heard within the last minutes, without whoever has the lead by now. */
export const listStandbys = (database: Database): Promise<StandbySeen[]> =>
  database.query(
    `select words, (extract(epoch from now() - seen) * 1000)::float8 as "silentMs" from standbys
     where seen > now() - interval '10 minutes' and holder not in (select holder from lead) order by words`,
  );

function refusal(schema: string, holder: HolderSeen | null): PortError {
  const who =
    holder === null ? 'another coordinator' : `the coordinator ${holder.words}, heard ${Math.round(holder.silentMs / 1_000)} s ago,`;
  return new PortError('terminal', `${who} works with the schema ${schema} of this Postgres`, {
    hint: `Each repository has a schema of its own (machines.schema). One that is gone gives it free ${LEAD_FREE_AFTER_MS / 1_000} s after its last word.`,
  });
}
