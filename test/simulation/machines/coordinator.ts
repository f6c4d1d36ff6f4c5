import { createCalls } from '../../../src/adapters/machines/calls.ts';
import { compareClocks } from '../../../src/adapters/machines/clocks.ts';
import { dispatchOn } from '../../../src/adapters/machines/dispatch.ts';
import { LEAD_FREE_AFTER_MS, type Lead } from '../../../src/adapters/machines/lead.ts';
import { emptyContents, openMemoryStore, type StoreContents } from '../../../src/adapters/store/memory.ts';
import { fenced } from '../../../src/compose/fence/fence.ts';
import { ANY_MACHINE } from '../../../src/core/model/fleet.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId } from '../../../src/core/model/task.ts';
import { createEngine, type Engine } from '../../../src/engine/loop.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import { keepBoard } from '../../../src/engine/tell/board-keeper.ts';
import { anywhere } from '../../../src/machines/anywhere.ts';
import { farSite, fetchWorkFrom, type Means } from '../../../src/machines/far-site.ts';
import { makeRounds } from '../../../src/machines/gone/rounds.ts';
import { inherit } from '../../../src/machines/standby/inherit.ts';
import { shipChanges } from '../../../src/machines/standby/shipping.ts';
import { countSilence } from '../../../src/machines/standby/stand-by.ts';
import { MINUTE, SECOND } from '../incidents/incidents.ts';
import { createTroubles, type Troubles } from '../incidents/troubles.ts';
import { createLife } from '../life.ts';
import { portsFor } from '../ports/index.ts';
import type { Stage } from '../stage.ts';
import { createBoardFile } from '../truth/board-file.ts';
import { createRepository, type Ink } from '../truth/repository.ts';
import { gitFor } from './git.ts';
import { logsIn } from './logs.ts';
import type { PostgresTruth } from './postgres.ts';
import { createProgram, type Program } from './program.ts';
import { fill, rowsOf } from './rows.ts';
import type { Without } from './safeguards.ts';

const RETRY: Ms = 5 * SECOND;
const LOOK_EVERY: Ms = SECOND;
export const FORGET_AFTER: Ms = 3 * MINUTE;
const SETTINGS = { pollInterval: () => 2 * MINUTE, pulse: 5 * SECOND, trees: 'trees', baseBranch: 'main', draft: false };
/** What is written at the forge waits for the fence just before it is sent. */
const WRITES: ReadonlySet<string> = new Set(['forge.comment', 'forge.openPull']);

/** A clone of the repository with a coordinator in it, which leads or stands by. */
interface Clone {
  readonly name: string;
  readonly stage: Stage;
  readonly troubles: Troubles;
  readonly contents: StoreContents;
  readonly logs: Map<RunId, string>;
  /** Of the lead by which it wrote last. */
  generation: number;
  program: Program | null;
  engine: Engine | null;
  restart: (() => void) | null;
}

export interface Coordinators {
  start(): void;
  /** The one that leads; where none does, the first. */
  kill(down: Ms): void;
  freeze(on: string | null, lasts: Ms): void;
  crash(on: string, skip: number, down: Ms): void;
  calm(): void;
  /** The program that has the lead and works. */
  leader(): Program | null;
  isWell(): boolean;
  wake(): void;
  logsOf(run: RunId): readonly string[];
  readonly hosts: readonly string[];
  /** The logs of the one that leads. */
  logs(): Map<RunId, string>;
}

export function createCoordinators(stage: Stage, postgres: PostgresTruth, ink: Ink, without: Without | null): Coordinators {
  const { timeline } = stage;
  let count = 0;
  const clones = ['one', 'two'].map((name): Clone => {
    const own = { troubles: createTroubles(timeline), contents: emptyContents(), board: createBoardFile() };
    const here = { ...stage, ...own } as Stage;
    Object.assign(here, { isCalm: () => stage.isCalm(), repository: createRepository(here, ink) });
    return { name, stage: here, ...own, logs: new Map(), generation: 0, program: null, engine: null, restart: null };
  });
  const [first] = clones as [Clone, Clone];
  const leading = (): Clone => clones.find((one) => one.engine !== null && one.name === postgres.lead.holder) ?? first;

  function die(clone: Clone, program: Program, down: Ms): void {
    if (clone.program !== program) return;
    stage.trace(() => `the coordinator ${clone.name} is gone`);
    program.kill();
    Object.assign(clone, { program: null, engine: null });
    clone.restart?.();
    clone.restart = timeline.after(down, () => start(clone));
  }

  function start(clone: Clone): void {
    if (clone.program !== null) return;
    count += 1;
    const program = createProgram(timeline, clone.name);
    clone.program = program;
    begin(clone, program, count).catch((error: unknown) => {
      if (program.isDead()) return;
      if (!(error instanceof PortError)) stage.judge.broken('no program makes mistakes', `the coordinator ends with ${String(error)}`);
      stage.trace(() => `the coordinator ${clone.name} does not begin: ${String(error)}`);
      die(clone, program, RETRY);
    });
  }

  /** As `tac8 start --standby`: the one that has the lead already goes on, the other one waits for its silence. */
  async function standBy(clone: Clone, program: Program, onLost: (why: string) => void): Promise<Lead> {
    const { name } = clone;
    const silence = countSilence();
    for (;;) {
      const seen = await postgres.leadSeen(name, program).catch(() => 'away' as const);
      const silentMs = silence(seen === 'away' ? null : seen, timeline.mono());
      if (seen === null || (seen !== 'away' && seen.holder === name) || silentMs >= LEAD_FREE_AFTER_MS) {
        const lead = await postgres.takeLead(name, program, { id: name, words: name }, onLost).catch(() => null);
        if (lead !== null) return lead;
      }
      await program.pause(LOOK_EVERY);
    }
  }

  /** Goes on with what another one has written since this one last did. */
  async function takeOver(clone: Clone, program: Program, lead: Lead): Promise<void> {
    const copy = await postgres.readCopy(clone.name, program);
    if (copy.of === null || Number(copy.of.generation) <= clone.generation) return;
    stage.trace(() => `the coordinator ${clone.name} goes on with the work of another`);
    fill(clone.contents, copy.rows);
    const store = openMemoryStore(clone.contents);
    clone.stage.board.text = keepBoard(store).read().text;
    store.commit({ facts: { copy: { generation: lead.generation, inherited: true } } });
  }

  async function begin(clone: Clone, program: Program, number: number): Promise<void> {
    const { name, contents } = clone;
    let leave = (): void => undefined;
    const lead = await standBy(clone, program, () => leave());
    await takeOver(clone, program, lead);
    clone.generation = Number(lead.generation);
    // Who asks from now on asks this one.
    Object.assign(stage, { contents, board: clone.stage.board, repository: clone.stage.repository });
    const shipping = shipChanges({
      ...{ table: postgres.copyTable(name, program), lead, openRows: () => rowsOf(contents), of: { repository: null, words: name } },
      clock: { now: timeline.wall, steady: timeline.mono, at: (time, wake) => program.after(Math.max(0, time - timeline.wall()), wake) },
    });
    const { shipped } = shipping;
    const life = program.living(
      createLife(clone.stage, number, (down) => die(clone, program, down)),
      async (call) => void (WRITES.has(call) && (await shipped())),
    );
    const given = portsFor(clone.stage, life);
    const clock = program.keeping(given.clock);
    const { shared, queue } = postgres.connect(name, program, lead);
    const workspaces = gitFor(given.workspaces, clone.stage.repository, life);
    const ports = fenced({ ...given, clock, store: shipping.noting(given.store) }, { mayAct: shipped, owner: lead.owner });
    const dispatch = dispatchOn(queue, shared);
    const calls = createCalls(shared, lead);
    const parts = { workspaces, log: ports.log, store: ports.store, policy: () => stage.policy };
    makeRounds({ ...parts, shared, clock, dispatch, lead, forgetAfter: FORGET_AFTER });
    const inherited = inherit({ ...parts, shared, fetch: (machine, task) => fetchWorkFrom(machine, { ...parts, shared, calls }, task) });
    const means: Omit<Means, 'home'> = {
      ...{ ...parts, shared, clock, dispatch, lead: { check: shipped }, calls, inherited },
      ...{ clocks: compareClocks(shared, clock.now, clock.steady), logs: logsIn(clone.logs, without !== 'checksum') },
      folders: { make: async () => undefined, remove: async () => undefined },
    };
    const engine = createEngine({
      ...{ ports, settings: SETTINGS, policy: () => stage.policy },
      machines: (home) => (machine) => (machine === ANY_MACHINE ? anywhere({ ...means, home }) : farSite(machine, { ...means, home })),
    });
    stage.trace(() => `the coordinator ${name} leads, generation ${lead.generation}`);
    clone.engine = engine;
    leave = () => {
      stage.trace(() => `the coordinator ${name} has lost the lead, and leaves`);
      life.leave();
      engine.leave();
    };
    void inherited.bringAll();
    await engine.run();
    await program.gate();
    die(clone, program, LOOK_EVERY);
  }

  return {
    start() {
      for (const clone of clones) start(clone);
    },
    kill(down) {
      const clone = leading();
      if (clone.program !== null) die(clone, clone.program, down);
    },
    freeze(on, lasts) {
      const { program } = leading();
      if (program === null || program.isFrozen()) return;
      if (on !== null) return program.freezeAt(on, lasts);
      program.freeze();
      timeline.after(lasts, program.thaw);
    },
    crash: (on, skip, down) => leading().troubles.begin({ at: 0, kind: 'crash', on: on as '', skip, down }),
    calm() {
      for (const { troubles } of clones) troubles.endAll();
    },
    leader: () => clones.find((one) => one.engine !== null && one.name === postgres.lead.holder)?.program ?? null,
    isWell: () => clones.every(({ program }) => program !== null && !program.isFrozen()),
    wake: () => leading().engine?.wake(),
    logsOf: (run) => clones.map(({ logs }) => logs.get(run) ?? ''),
    hosts: clones.map(({ name }) => name),
    logs: () => leading().logs,
  };
}
