import type { CopiedRow, Copy, CopyTable } from '../../../src/adapters/machines/copy/copy.ts';
import type { Fleet } from '../../../src/adapters/machines/fleet.ts';
import type { Forgotten } from '../../../src/adapters/machines/forgotten.ts';
import { type Holder, LEAD_FREE_AFTER_MS, type Lead } from '../../../src/adapters/machines/lead.ts';
import type { Parcel } from '../../../src/adapters/machines/packs.ts';
import type { Queue } from '../../../src/adapters/machines/queue.ts';
import type { Capacity } from '../../../src/adapters/machines/register.ts';
import type { Answer, Shared } from '../../../src/adapters/machines/shared.ts';
import { PROTOCOL } from '../../../src/adapters/machines/tables/schema.ts';
import { ATTACH_ASK } from '../../../src/adapters/machines/wire.ts';
import { SILENT_AFTER_MS } from '../../../src/core/limits/machines-seen.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { Timeline } from '../incidents/timeline.ts';
import type { Random } from '../random.ts';
import { createJobs } from './jobs.ts';
import type { Program } from './program.ts';
import { createCopy } from './rows.ts';

interface Row extends Capacity {
  seen: Ms;
  draining: boolean;
  forgotten: boolean;
}

/** The line between a host and Postgres. */
export interface Lines {
  /** Postgres is away, for all, or for one host alone: then nobody is told. */
  isAway(): boolean;
  isCut(host: string): boolean;
  /** What was asked is done, and the answer does not come. */
  losesAnswers(): boolean;
}

/** Postgres in memory, by the same rules as the real one: see the conformance suite. What is committed outlives all programs. */
export interface PostgresTruth {
  connect(host: string, program: Program, lead?: Pick<Lead, 'generation'> | null): { readonly shared: Shared; readonly queue: Queue };
  takeLead(host: string, program: Program, holder: Holder, onLost: (why: string) => void): Promise<Lead>;
  /** All that listen hear that they may have missed something. */
  mended(host: string | null): void;
  /** Without the fence whoever ever had the lead writes on. */
  readonly lead: { readonly generation: number; readonly holder: string };
  /** Who has the lead, as a standby sees it. */
  leadSeen(host: string, program: Program): Promise<{ readonly holder: string; readonly generation: string; readonly seen: string } | null>;
  /** What the coordinator that has the lead wrote last, and by which generation. */
  readCopy(host: string, program: Program): Promise<{ readonly of: Copy | null; readonly rows: readonly CopiedRow[] }>;
  copyTable(host: string, program: Program): CopyTable;
  /** Nothing was heard of a machine for so long. */
  silence(machine: string, ms: Ms): void;
  /** The run was given up with its machine. */
  wasForgotten(run: RunId): boolean;
}

const ANSWER_LIMIT: Ms = 65_000;
const WORD_LIMIT: Ms = 2_000;
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

export function createPostgres(timeline: Timeline, random: Random, lines: Lines, isFenced: boolean): PostgresTruth {
  let count = 0;
  const next = (): string => {
    count += 1;
    return String(count);
  };
  const machines = new Map<string, Row>();
  const leases = new Map<RunId, { readonly run: RunId; readonly task: TaskId; readonly machine: string }>();
  const calls = new Map<string, { readonly machine: string; readonly body: object; answer: Answer | null }>();
  const parcels = new Map<string, Parcel>();
  const forgotten = new Map<string, Forgotten & { readonly over: boolean }>();
  const copy = createCopy();
  const jobs = createJobs(timeline.mono, next);
  const lead = { generation: 0, holder: '', seen: Number.NEGATIVE_INFINITY };
  const hearers = new Set<{
    readonly channel: string;
    readonly host: string;
    readonly program: Program;
    readonly hear: (word: string) => void;
  }>();
  const isSilent = ({ seen }: Row): boolean => timeline.mono() - seen > SILENT_AFTER_MS;

  function say(channel: string, word: string): void {
    for (const one of hearers) {
      if (one.channel !== channel || lines.isCut(one.host)) continue;
      one.program.after(1, () => void (hearers.has(one) && one.hear(word)));
    }
  }

  /** A question of a program: it may come too late, and its answer may not come back. */
  async function ask<T>(host: string, program: Program, effect: () => T): Promise<T> {
    await program.gate();
    const gone = (): PortError => new PortError('retryable', 'Postgres: it is away');
    if (lines.isAway()) {
      await program.pause(20);
      throw gone();
    }
    for (let waited = 0; lines.isCut(host); waited += 1_000) {
      if (waited >= ANSWER_LIMIT) throw gone();
      await program.pause(1_000);
      if (!lines.isCut(host)) throw gone();
    }
    await program.pause(random.between(1, 4));
    if (lines.isAway() || lines.isCut(host)) throw gone();
    const value = effect();
    if (lines.losesAnswers()) throw gone();
    return value;
  }

  function connect(host: string, program: Program, mine: Pick<Lead, 'generation'> | null = null) {
    const db = <T>(effect: () => T): Promise<T> => ask(host, program, effect);
    const leads = (): boolean => mine === null || !isFenced || mine.generation === String(lead.generation);
    const seenOf = (row: Row) => ({
      ...row,
      silentMs: timeline.mono() - row.seen,
      runs: [...leases.values()].filter(({ machine }) => machine === row.name).map(({ run }) => run),
    });
    const listen: Shared['listen'] = (channel, hear) => {
      const one = { channel, host, program, hear };
      hearers.add(one);
      return () => void hearers.delete(one);
    };
    const shared: Shared = {
      machines: () => db(() => [...machines.values()].sort((a, b) => (a.name < b.name ? -1 : 1)).map(seenOf)),
      machineNamed: (name) => db(() => (machines.has(name) ? seenOf(machines.get(name) as Row) : null)),
      beat: (capacity) =>
        db(() => {
          const before = machines.get(capacity.name);
          const kept = { draining: before?.draining ?? false, forgotten: before?.forgotten ?? false };
          machines.set(capacity.name, { ...capacity, ahead: capacity.ahead ?? before?.ahead ?? null, ...kept, seen: timeline.mono() });
        }),
      setDraining: (name, draining) =>
        db(() => {
          const row = machines.get(name);
          if (row === undefined || !leads()) return false;
          row.draining = draining;
          return true;
        }),
      ahead: (now) => db(() => now() - timeline.wall()),
      fleet: () => db((): Fleet => ({ settings: {}, version: '1', protocol: PROTOCOL })),
      leases: {
        add: (run, task, machine) =>
          db(() => {
            if (leases.has(run) || machines.get(machine)?.forgotten === true) return false;
            leases.set(run, { run, task, machine });
            return true;
          }),
        machineOf: (run) => db(() => leases.get(run)?.machine ?? null),
        release: (run) => db(() => void (leads() && leases.delete(run))),
        takeBack: (run) =>
          db(() => {
            const row = machines.get(leases.get(run)?.machine ?? '');
            return row !== undefined && isSilent(row) && leads() && leases.delete(run);
          }),
      },
      ask: (machine, body) =>
        db(() => {
          if (!leads()) return null;
          const id = next();
          calls.set(id, { machine, body: plain(body), answer: null });
          return id;
        }),
      answerTo: (call) => db(() => plain(calls.get(call)?.answer ?? null)),
      giveUp: (call) => db(() => void calls.delete(call)),
      asked: (machine) =>
        db(() =>
          [...calls].flatMap(([id, call]) =>
            call.machine === machine && call.answer === null && (call.body as { kind?: unknown }).kind !== ATTACH_ASK
              ? [{ id, body: plain(call.body) }]
              : [],
          ),
        ),
      answer: (id, answer) =>
        db(() => {
          const call = calls.get(id);
          if (call !== undefined) call.answer ??= plain(answer);
        }),
      layDown: (_machine, parcel, call) =>
        db(() => {
          if (!leads() || (call !== undefined && !calls.has(call))) return null;
          const id = next();
          parcels.set(id, parcel);
          return id;
        }),
      pickUp: (id) =>
        db(() => {
          const parcel = parcels.get(id);
          if (parcel === undefined) throw new PortError('retryable', `the commits of parcel ${id} are not there any more`);
          return parcel;
        }),
      throwAway: (id) => db(() => parcels.delete(id)),
      forgottenAmong: (machine, runs) => db(() => new Set(runs.filter((run) => forgotten.has(`${run} ${machine}`)))),
      forget: (machine) =>
        db(() => {
          const row = machines.get(machine);
          if (row === undefined || !leads()) return null;
          const given = [...leases.values()].filter((one) => one.machine === machine);
          for (const one of given) {
            leases.delete(one.run);
            if (!forgotten.has(`${one.run} ${machine}`)) forgotten.set(`${one.run} ${machine}`, { ...one, parcel: null, over: false });
          }
          row.forgotten = true;
          return given.map(({ run }) => run);
        }),
      forgottenOf: (machine) =>
        db(() => [...forgotten.values()].filter((one) => one.machine === machine && one.parcel === null && !one.over)),
      handIn: ({ run, machine }, parcel) => db(() => change(run, machine, { parcel })),
      handedIn: () => db(() => [...forgotten.values()].filter(({ parcel }) => parcel !== null)),
      settleForgotten: ({ run, machine }) => db(() => leads() && change(run, machine, { parcel: null, over: true })),
      welcomeBack: (machine) =>
        db(() => {
          const row = machines.get(machine);
          if (row !== undefined) row.forgotten = false;
        }),
      listen,
      tell: (channel, word) => db(() => say(channel, word)),
      word: (channel, signal) =>
        new Promise((resolve) => {
          const done = (): void => {
            cancel();
            stop();
            signal?.removeEventListener('abort', done);
            resolve();
          };
          const cancel = program.after(WORD_LIMIT, done);
          const stop = listen(channel, done);
          signal?.addEventListener('abort', done);
        }),
    };
    return { shared, queue: jobs.asSeenBy(db, leads) };
  }

  const change = (run: RunId, machine: string, to: Partial<Forgotten & { readonly over: boolean }>): void => {
    const one = forgotten.get(`${run} ${machine}`);
    if (one !== undefined) forgotten.set(`${run} ${machine}`, { ...one, ...to });
  };

  async function takeLead(host: string, program: Program, holder: Holder, onLost: (why: string) => void): Promise<Lead> {
    const db = <T>(effect: () => T): Promise<T> => ask(host, program, effect);
    const generation = await db(() => {
      if (lead.holder !== holder.id && timeline.mono() - lead.seen <= LEAD_FREE_AFTER_MS)
        throw new PortError('terminal', `the coordinator ${lead.holder} works here`);
      Object.assign(lead, { generation: lead.generation + 1, holder: holder.id, seen: timeline.mono() });
      return String(lead.generation);
    });
    const held = async (then: () => void): Promise<void> => {
      const isMine = await db(() => {
        const isHeld = !isFenced || String(lead.generation) === generation;
        if (isHeld) then();
        return isHeld;
      });
      if (isMine) return;
      onLost('another coordinator has taken over');
      throw new PortError('retryable', 'another coordinator has taken over');
    };
    return {
      generation,
      owner: 'one',
      check: () => held(() => undefined),
      renew: () => held(() => void (String(lead.generation) === generation && Object.assign(lead, { seen: timeline.mono() }))),
      release: () => held(() => Object.assign(lead, { seen: Number.NEGATIVE_INFINITY })),
    };
  }

  return {
    leadSeen: (host, program) =>
      ask(host, program, () =>
        lead.generation === 0 ? null : { holder: lead.holder, generation: String(lead.generation), seen: String(lead.seen) },
      ),
    readCopy: (host, program) => ask(host, program, () => ({ of: copy.of(), rows: copy.rows() })),
    copyTable: (host, program) =>
      copy.asSeenBy(
        (effect) => ask(host, program, effect),
        (generation) => !isFenced || generation === String(lead.generation),
        timeline.wall,
      ),
    connect,
    takeLead,
    lead,
    silence(machine, ms) {
      const row = machines.get(machine);
      if (row !== undefined) row.seen = timeline.mono() - ms;
    },
    wasForgotten: (run) => [...forgotten.values()].some((one) => one.run === run),
    mended(host) {
      for (const one of hearers)
        if (host === null || one.host === host) one.program.after(1, () => void (hearers.has(one) && one.hear('')));
    },
  };
}
