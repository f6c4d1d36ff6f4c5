import { createCalls } from '../../../src/adapters/machines/calls.ts';
import { compareClocks } from '../../../src/adapters/machines/clocks.ts';
import { dispatchOn } from '../../../src/adapters/machines/dispatch.ts';
import type { Lead } from '../../../src/adapters/machines/lead.ts';
import { fenced } from '../../../src/compose/fence/fence.ts';
import { ANY_MACHINE } from '../../../src/core/model/fleet.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId } from '../../../src/core/model/task.ts';
import { createEngine, type Engine } from '../../../src/engine/loop.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { Forge } from '../../../src/engine/ports/outside/forge.ts';
import { anywhere } from '../../../src/machines/anywhere.ts';
import type { LogsHere } from '../../../src/machines/far-log.ts';
import { farSite, type Means } from '../../../src/machines/far-site.ts';
import { makeRounds } from '../../../src/machines/gone/rounds.ts';
import { MINUTE, SECOND } from '../incidents/incidents.ts';
import { createLife } from '../life.ts';
import { portsFor } from '../ports/index.ts';
import type { Stage } from '../stage.ts';
import { gitFor } from './git.ts';
import { sumOf } from './machine.ts';
import type { PostgresTruth } from './postgres.ts';
import { createProgram, type Program } from './program.ts';
import type { Without } from './safeguards.ts';

const RETRY: Ms = 5 * SECOND;
export const FORGET_AFTER: Ms = 3 * MINUTE;
const SETTINGS = { pollInterval: () => 2 * MINUTE, pulse: 5 * SECOND, trees: 'trees', baseBranch: 'main', draft: false };

/** The coordinators of one world, one after the other. */
export interface Coordinator {
  start(): void;
  kill(down: Ms): void;
  freeze(lasts: Ms): void;
  program(): Program | null;
  wake(): void;
  /** The logs of runs elsewhere, as they are on its disk. */
  readonly logs: Map<RunId, string>;
}

export function createCoordinator(stage: Stage, postgres: PostgresTruth, without: Without | null): Coordinator {
  const { timeline } = stage;
  const logs = new Map<RunId, string>();
  let running: { readonly program: Program; readonly engine: Engine | null } | null = null;
  let restart: (() => void) | null = null;
  let count = 0;

  function die(program: Program, down: Ms): void {
    if (running?.program !== program) return;
    stage.trace(() => 'the coordinator is killed');
    program.kill();
    running = null;
    restart?.();
    restart = timeline.after(down, start);
  }

  function start(): void {
    if (running !== null) return;
    count += 1;
    const program = createProgram(timeline, 'coordinator');
    running = { program, engine: null };
    begin(program, count).catch((error: unknown) => {
      if (program.isDead()) return;
      if (!(error instanceof PortError)) stage.judge.broken('no program makes mistakes', `the coordinator ends with ${String(error)}`);
      stage.trace(() => `the coordinator does not begin: ${String(error)}`);
      die(program, RETRY);
    });
  }

  async function begin(program: Program, number: number): Promise<void> {
    const life = program.living(createLife(stage, number, (down) => die(program, down)));
    const given = portsFor(stage, life);
    const clock = program.keeping(given.clock);
    const lead = await postgres.takeLead('coordinator', program, { id: 'one', words: 'here' }, (why) => stage.trace(() => why));
    const { shared, queue } = postgres.connect('coordinator', program, lead);
    const mayAct = (): Promise<void> => lead.check();
    const workspaces = gitFor(given.workspaces, stage.repository, life);
    const ports = fenced({ ...given, clock, forge: given.forge === null ? null : waiting(given.forge, mayAct) }, { mayAct, owner: 'one' });
    const dispatch = dispatchOn(queue, shared);
    const parts = { workspaces, log: ports.log, store: ports.store, policy: () => stage.policy };
    makeRounds({ ...parts, shared, clock, dispatch, lead, forgetAfter: FORGET_AFTER });
    const means: Omit<Means, 'home'> = {
      ...{ ...parts, shared, clock, dispatch, lead: { check: mayAct }, calls: createCalls(shared, lead) },
      ...{ clocks: compareClocks(shared, clock.now, clock.steady), inherited: { bring: async () => undefined } },
      ...{ logs: logsHere(), folders: { make: async () => undefined, remove: async () => undefined } },
    };
    const engine = createEngine({
      ...{ ports, settings: SETTINGS, policy: () => stage.policy },
      machines: (home) => (name) => (name === ANY_MACHINE ? anywhere({ ...means, home }) : farSite(name, { ...means, home })),
    });
    stage.trace(() => `coordinator ${number} works`);
    running = { program, engine };
    await engine.run();
  }

  function logsHere(): LogsHere {
    return {
      size: ({ id }) => logs.get(id)?.length ?? 0,
      write({ id }, { from, bytes }) {
        const before = logs.get(id) ?? '';
        if (bytes !== '' && before.length === from) logs.set(id, before + String(Buffer.from(bytes, 'base64')));
      },
      async isWhole({ id }, sum) {
        if (without === 'checksum' || sum === undefined || sum === sumOf(logs.get(id) ?? '')) return true;
        logs.delete(id);
        return false;
      },
    };
  }

  return {
    start,
    kill(down) {
      if (running !== null) die(running.program, down);
    },
    freeze(lasts) {
      const frozen = running?.program;
      if (frozen === undefined || frozen.isFrozen()) return;
      frozen.freeze();
      timeline.after(lasts, frozen.thaw);
    },
    program: () => running?.program ?? null,
    wake: () => running?.engine?.wake(),
    logs,
  };
}

/** What is written at the forge waits until it may be. */
function waiting(forge: Forge, mayAct: Lead['check']): Forge {
  const after =
    <A extends unknown[], R>(work: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      await mayAct();
      return work(...args);
    };
  return { ...forge, comment: after(forge.comment), openPull: after(forge.openPull) };
}
