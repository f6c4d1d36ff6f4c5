import { SILENT_AFTER_MS } from '../../core/limits/machines-seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { PortError } from '../../engine/ports/error.ts';
import { type Clock, every } from '../../engine/ports/machine/clock.ts';
import type { Database } from './database.ts';
import type { Lead } from './lead.ts';
import type { Answer, Asked, Shared } from './shared.ts';
import { ATTACH_ASK, type AttachAsk } from './wire.ts';

/** What is asked of a machine; repeated, it is harmless, so that an answer that was lost is asked for again. */
export interface Calls {
  /** Waits for as long as the machine is heard of. Throws what the call threw there; retryable when the machine has fallen silent. */
  ask(machine: string, body: object, signal?: AbortSignal): Promise<unknown>;
}

/** Words may be missed; what is asked is looked for this often. */
const LOOK_AGAIN_MS = 2_000;

/** `lead`: a coordinator asks nothing once another has taken over; null: a person asks. */
export function createCalls(shared: Shared, lead: Pick<Lead, 'check'> | null = null): Calls {
  return {
    async ask(machine, body, signal) {
      const call = await shared.ask(machine, body);
      if (call === null) await lead?.check();
      if (call === null) throw new PortError('retryable', `nothing could be asked of the machine ${machine}`);
      const over = new AbortController();
      const until = signal === undefined ? over.signal : AbortSignal.any([signal, over.signal]);
      try {
        await shared.tell('calls', machine);
        for (;;) {
          signal?.throwIfAborted();
          // Listen first, then look: an answer that comes in between is not missed.
          const word = shared.word('answers', until);
          const found = await shared.answerTo(call);
          if (found === 'too long') throw new PortError('terminal', `the machine ${machine} answered with more than 32 MiB`);
          if (found !== null) return unpacked(found);
          if (await isSilent(shared, machine))
            throw new PortError('retryable', `the machine ${machine} has not been heard of for ${SILENT_AFTER_MS / 1_000} s`);
          await word;
        }
      } finally {
        over.abort();
        // A runner gives a call up when its row is gone.
        await shared.giveUp(call).catch(() => undefined);
        await shared.tell('calls', machine).catch(() => undefined);
      }
    },
  };
}

async function isSilent(shared: Shared, machine: string): Promise<boolean> {
  const seen = await shared.machineNamed(machine);
  return seen === null || seen.silentMs > SILENT_AFTER_MS;
}

function unpacked(answer: Answer): unknown {
  if (answer.ok) return answer.value;
  const { message, hint, until } = answer;
  const sort = (['retryable', 'terminal', 'limited'] as const).find((one) => one === answer.sort) ?? 'unknown';
  throw new PortError(sort, String(message), { hint: String(hint), ...(Number.isFinite(until) ? { until: Number(until) } : {}) });
}

/** What a machine does when it is asked: its answer, or the error that it met. */
export type Work = (body: unknown, signal: AbortSignal, call: string) => Promise<unknown>;

/** Answers what is asked of this machine, side by side, until the answer is called. `work` is given up when nobody waits for it any more. */
export function answerCalls(shared: Shared, clock: Pick<Clock, 'now' | 'at'>, machine: string, work: Work): () => Promise<void> {
  const atWork = new Map<string, { readonly abort: AbortController; readonly done: Promise<void> }>();
  const pauses = new Set<() => void>();
  let isClosed = false;
  let looking: Promise<void> | null = null;
  let isNews = false;

  function pause(): Promise<void> {
    return new Promise((resolve) => {
      const over = (): void => {
        cancel();
        pauses.delete(over);
        resolve();
      };
      const cancel = clock.at(clock.now() + LOOK_AGAIN_MS, over);
      pauses.add(over);
    });
  }

  async function answer({ id, body }: Asked, signal: AbortSignal): Promise<void> {
    const found = await work(body, signal, id).then((value): Answer => ({ ok: true, value: value ?? null }), refusal);
    if (signal.aborted) return;
    // Through an outage of Postgres the answer is kept, and given when it is back.
    while (!isClosed && !signal.aborted) {
      try {
        await shared.answer(id, found);
        await shared.tell('answers', id);
        return;
      } catch {
        await pause();
      }
    }
  }

  async function look(): Promise<void> {
    const all = await shared.asked(machine);
    const asked = new Set(all.map(({ id }) => id));
    for (const [id, { abort }] of atWork) if (!asked.has(id)) abort.abort();
    for (const one of all) {
      if (atWork.has(one.id)) continue;
      const abort = new AbortController();
      const done = answer(one, abort.signal).finally(() => void atWork.delete(one.id));
      atWork.set(one.id, { abort, done });
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

  const endLooks = every(clock, LOOK_AGAIN_MS, wake);
  const stop = shared.listen('calls', (word) => {
    if (word === '' || word === machine) wake();
  });
  wake();
  return async () => {
    isClosed = true;
    endLooks();
    stop();
    for (const { abort } of atWork.values()) abort.abort();
    for (const over of [...pauses]) over();
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
