import { SILENT_AFTER_MS } from '../../core/limits/machines-seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { PortError } from '../../engine/ports/error.ts';
import { aheadOfPostgres } from './clocks.ts';
import { type Channel, type Database, wordOrTime } from './database.ts';
import { type Fleet, readFleet } from './fleet.ts';
import * as gone from './forgotten.ts';
import { type Lead, leads } from './lead.ts';
import { layDown, type Parcel, pickUp, throwAway } from './packs.ts';
import { beat, type Capacity, listMachines, type MachineSeen, machineNamed, setDraining } from './register.ts';
import { ATTACH_ASK } from './wire.ts';

/** What a machine answered, or the error that it met there, sorted. */
export type Answer =
  | { readonly ok: true; readonly value: unknown }
  | {
      readonly ok: false;
      readonly sort: PortError['sort'];
      readonly message: string;
      readonly hint: string;
      readonly until: number | null;
    };

export interface Asked {
  readonly id: string;
  readonly body: unknown;
}

/** Which run is on which machine: a run is on one at most, and a machine that was given up gets none. */
export interface Leases {
  /** False: another machine has it, or this one was given up. */
  add(run: RunId, task: TaskId, machine: string): Promise<boolean>;
  machineOf(run: RunId): Promise<string | null>;
  release(run: RunId): Promise<void>;
  /** From a machine that has fallen silent, and from no other. Answers whether it did. */
  takeBack(run: RunId): Promise<boolean>;
}

/**
 * What coordinator and runners share, as they use it: Postgres holds it, or a world that is made up. All of it throws a retryable PortError while that is
 * away. What a coordinator writes that has lost the lead is not written; it hears so by a null or a false, and asks its lead why.
 */
export interface Shared {
  machines(): Promise<readonly MachineSeen[]>;
  machineNamed(name: string): Promise<MachineSeen | null>;
  beat(capacity: Capacity): Promise<void>;
  setDraining(name: string, draining: boolean): Promise<boolean>;
  /** By how much a clock is ahead of the common one; null: nobody can tell. */
  ahead(now: () => number): Promise<number | null>;
  fleet(): Promise<Fleet | null>;

  readonly leases: Leases;

  /** Asks a machine; null: another coordinator has the lead. */
  ask(machine: string, body: object): Promise<string | null>;
  /** Null: there is none yet. Too long a one is none. */
  answerTo(call: string): Promise<Answer | 'too long' | null>;
  /** Nobody waits for it any more. */
  giveUp(call: string): Promise<void>;
  /** What was asked of a machine and is not answered; what a person there answers is not among it. */
  asked(machine: string): Promise<readonly Asked[]>;
  /** Nothing where nobody waits any more. */
  answer(call: string, answer: Answer): Promise<void>;

  /** By a coordinator, or by a machine in answer to a call that somebody still waits for. Null: it is not wanted any more. */
  layDown(machine: string, parcel: Parcel, call?: string): Promise<string | null>;
  pickUp(id: string): Promise<Parcel>;
  throwAway(id: string): Promise<unknown>;

  forgottenAmong(machine: string, runs: readonly RunId[]): Promise<ReadonlySet<RunId>>;
  /** See forgotten.ts. */
  forget(machine: string): Promise<readonly RunId[] | null>;
  forgottenOf(machine: string): Promise<readonly gone.Forgotten[]>;
  handIn(one: gone.Forgotten, parcel: string): Promise<unknown>;
  handedIn(): Promise<readonly gone.Forgotten[]>;
  settleForgotten(one: gone.Forgotten): Promise<unknown>;
  welcomeBack(machine: string): Promise<unknown>;

  /** Waits for a word on the channel, for the end of patience, or until nobody waits any more. Never fails. */
  word(channel: Channel, signal: AbortSignal | undefined): Promise<void>;
  listen(channel: Channel, hear: (word: string) => void): () => void;
  tell(channel: Channel, word: string): Promise<void>;
}

/** `lead`: a coordinator writes nothing once another has taken over; null: a runner, or a person. */
export function sharedOn(database: Database, lead: Pick<Lead, 'generation'> | null = null): Shared {
  const generation = lead?.generation ?? null;
  return {
    machines: () => listMachines(database),
    machineNamed: (name) => machineNamed(database, name),
    beat: (capacity) => beat(database, capacity),
    setDraining: (name, draining) => setDraining(database, name, draining, generation),
    ahead: (now) => aheadOfPostgres(database, now),
    fleet: () => readFleet(database),

    leases: {
      async add(run, task, machine) {
        const rows = await database.query(
          `insert into leases (run, task, machine) select $1, $2, $3
           where not exists (select from machines where name = $3 and forgotten is not null) on conflict (run) do nothing returning run`,
          [run, task, machine],
        );
        return rows.length > 0;
      },
      async machineOf(run) {
        const [row] = await database.query<{ machine: string }>('select machine from leases where run = $1', [run]);
        return row?.machine ?? null;
      },
      release: async (run) =>
        void (await database.query(`delete from leases where run = $1 and ${leads('$2', generation)}`, [run, generation])),
      async takeBack(run) {
        const rows = await database.query(
          `delete from leases using machines where run = $1 and machines.name = leases.machine and machines.seen < now() - make_interval(secs => $2)
             and ${leads('$3', generation)} returning run`,
          [run, SILENT_AFTER_MS / 1_000, generation],
        );
        return rows.length > 0;
      },
    },

    async ask(machine, body) {
      const [row] = await database.query<{ id: string }>(
        `insert into calls (machine, body) select $1, $2::jsonb where ${leads('$3', generation)} returning id`,
        [machine, body, generation],
      );
      return row?.id ?? null;
    },
    async answerTo(call) {
      const [found] = await database.query<{ body: Answer | null }>(
        'select case when pg_column_size(body) < 33554432 then body end as body from answers where call = $1',
        [call],
      );
      return found === undefined ? null : (found.body ?? 'too long');
    },
    giveUp: async (call) =>
      void (await database.query('with gone as (delete from answers where call = $1) delete from calls where id = $1', [call])),
    asked: (machine) =>
      database.query<Asked>(
        `select id, body from calls c where machine = $1 and body->>'kind' is distinct from $2
           and not exists (select from answers where call = c.id) order by id`,
        [machine, ATTACH_ASK],
      ),
    answer: async (call, answer) =>
      void (await database.query('insert into answers (call, body) select id, $2 from calls where id = $1 on conflict do nothing', [
        call,
        answer,
      ])),

    layDown: (machine, parcel, call) => layDown(database, machine, parcel, { generation, call: call ?? null }),
    pickUp: (id) => pickUp(database, id),
    throwAway: (id) => throwAway(database, id),

    forgottenAmong: (machine, runs) => gone.forgottenAmong(database, machine, runs),
    forget: (machine) => gone.forgetMachine(database, machine, generation),
    forgottenOf: (machine) => gone.forgottenOf(database, machine),
    handIn: (one, parcel) => gone.handIn(database, one, parcel),
    handedIn: () => gone.handedIn(database),
    settleForgotten: (one) => gone.settleForgotten(database, one, generation),
    welcomeBack: (machine) => gone.welcomeBack(database, machine),

    word: (channel, signal) => wordOrTime(database, channel, signal),
    listen: database.listen,
    tell: database.tell,
  };
}
