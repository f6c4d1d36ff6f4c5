import { SILENT_AFTER_MS } from '../../core/limits/machines-seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../../engine/ports/error.ts';
import { type Database, wordOrTime } from './database.ts';
import type { Lead } from './lead.ts';
import { machineNamed } from './register.ts';
import { ATTACH_ASK, type AttachAsk } from './wire.ts';

/** What a machine answered, or the error that it met there, sorted. */
type Answer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly sort: PortError['sort'];
      readonly message: string;
      readonly hint: string;
      readonly until: number | null;
    };

/** What is asked of a machine; repeated, it is harmless, so that an answer that was lost is asked for again. */
export interface Calls {
  /** Waits for as long as the machine is heard of. Throws what the call threw there; retryable when the machine has fallen silent. */
  ask(machine: string, body: object, signal?: AbortSignal): Promise<unknown>;
}

/** Words may be missed; what is asked is looked for this often. */
const LOOK_AGAIN_MS = 2_000;

/** `lead`: a coordinator asks nothing once another has taken over; null: a person asks. */
export function createCalls(database: Database, lead: Pick<Lead, 'generation' | 'check'> | null = null): Calls {
  return {
    async ask(machine, body, signal) {
      const [row] = await database.query<{ id: string }>(
        `insert into calls (machine, body) select $1, $2::jsonb where $3::bigint is null or exists (select from lead where generation = $3)
         returning id`,
        [machine, body, lead?.generation ?? null],
      );
      if (row === undefined) await lead?.check();
      const id = row?.id ?? '';
      const over = new AbortController();
      const until = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
      await database.tell('calls', machine);
      try {
        for (;;) {
          signal?.throwIfAborted();
          // Listen first, then look: an answer that comes in between is not missed.
          const word = wordOrTime(database, 'answers', until);
          const [found] = await database.query<{ body: Answer | null }>(
            'select case when pg_column_size(body) < 33554432 then body end as body from answers where call = $1',
            [id],
          );
          if (found?.body === null) throw new PortError('terminal', `the machine ${machine} answered with more than 32 MiB`);
          if (found !== undefined) return unpacked(found.body);
          if (await isSilent(database, machine))
            throw new PortError('retryable', `the machine ${machine} has not been heard of for ${SILENT_AFTER_MS / 1_000} s`);
          await word;
        }
      } finally {
        over.abort();
        // A runner gives a call up when its row is gone.
        await database
          .query('with gone as (delete from answers where call = $1) delete from calls where id = $1', [id])
          .catch(() => undefined);
        await database.tell('calls', machine).catch(() => undefined);
      }
    },
  };
}

async function isSilent(database: Database, machine: string): Promise<boolean> {
  const seen = await machineNamed(database, machine);
  return seen === null || seen.silentMs > SILENT_AFTER_MS;
}

function unpacked(answer: Answer): unknown {
  if (answer.ok) return answer.value;
  const { message, hint, until } = answer;
  const sort = (['retryable', 'terminal', 'limited'] as const).find((one) => one === answer.sort) ?? 'unknown';
  throw new PortError(sort, String(message), { hint: String(hint), ...(Number.isFinite(until) ? { until: Number(until) } : {}) });
}

/** Answers what is asked of this machine, side by side, until the answer is called. `work` is given up when nobody waits for it any more. */
export function answerCalls(
  database: Database,
  machine: string,
  work: (body: unknown, signal: AbortSignal) => Promise<unknown>,
): () => Promise<void> {
  const atWork = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  let isClosed = false;
  let looking: Promise<void> | null = null;
  let isNews = false;

  async function answer(id: string, body: unknown, signal: AbortSignal): Promise<void> {
    const found = await work(body, signal).then((value): Answer => ({ ok: true, value: value ?? null }), refusal);
    if (signal.aborted) return;
    // Through an outage of Postgres the answer is kept, and given when it is back.
    while (!isClosed && !signal.aborted) {
      try {
        await database.query('insert into answers (call, body) select id, $2 from calls where id = $1 on conflict do nothing', [id, found]);
        await database.tell('answers', id);
        return;
      } catch {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    }
  }

  async function look(): Promise<void> {
    const rows = await database.query<{ id: string; body: unknown }>(
      `select id, body from calls c where machine = $1 and body->>'kind' is distinct from $2
         and not exists (select from answers where call = c.id) order by id`,
      [machine, ATTACH_ASK],
    );
    const asked = new Set(rows.map(({ id }) => id));
    for (const [id, { abort }] of atWork) if (!asked.has(id)) abort.abort();
    for (const { id, body } of rows) {
      if (atWork.has(id)) continue;
      const abort = new AbortController();
      const done = answer(id, body, abort.signal).finally(() => void atWork.delete(id));
      atWork.set(id, { abort, done });
    }
  }

  function wake(): void {
    isNews = true;
    looking ??= (async () => {
      while (isNews && !isClosed) {
        isNews = false;
        await look().catch(() => undefined);
      }
      looking = null;
    })();
  }

  const timer = setInterval(wake, LOOK_AGAIN_MS);
  const stop = database.listen('calls', (word) => {
    if (word === '' || word === machine) wake();
  });
  wake();
  return async () => {
    isClosed = true;
    clearInterval(timer);
    stop();
    for (const { abort } of atWork.values()) abort.abort();
    await looking;
    await Promise.allSettled([...atWork.values()].map(({ done }) => done));
  };
}

/** Does what a person came for: the attach that was asked for of this machine. Null: none was. */
export async function answerAttach<T>(
  database: Database,
  machine: string,
  task: TaskId,
  work: (ask: AttachAsk) => Promise<T>,
): Promise<T | null> {
  const [row] = await database.query<{ id: string; body: AttachAsk }>(
    `select id, body from calls c where machine = $1 and body->>'kind' = $2 and body->>'task' = $3
       and not exists (select from answers where call = c.id) order by id desc limit 1`,
    [machine, ATTACH_ASK, task],
  );
  if (row === undefined) return null;
  const answer = async (found: Answer): Promise<void> => {
    await database.query('insert into answers (call, body) select id, $2 from calls where id = $1 on conflict do nothing', [row.id, found]);
    await database.tell('answers', row.id);
  };
  try {
    const value = await work(row.body);
    await answer({ ok: true, value: null });
    return value;
  } catch (error) {
    await answer(refusal(error)).catch(() => undefined);
    throw error;
  }
}

function refusal(error: unknown): Answer {
  if (error instanceof PortError) {
    const { sort, message, hint, until } = error;
    return { ok: false, sort, message, hint, until };
  }
  return { ok: false, sort: 'unknown', message: messageOf(error), hint: '', until: null };
}
