import { dispatchOn } from '../../../src/adapters/machines/dispatch.ts';
import { PROTOCOL } from '../../../src/adapters/machines/tables/schema.ts';
import { emptyContents } from '../../../src/adapters/store/memory.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import { localSite } from '../../../src/engine/act/local-site.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import { type Charge, chargesIn } from '../../../src/machines/alone/charges.ts';
import { serve } from '../../../src/machines/there/serve.ts';
import { createTroubles, type Troubles } from '../incidents/troubles.ts';
import { createLife } from '../life.ts';
import { portsFor } from '../ports/index.ts';
import type { Stage } from '../stage.ts';
import { createConversations } from '../truth/conversations.ts';
import { createKernel } from '../truth/kernel.ts';
import { createRepository, type Ink } from '../truth/repository.ts';
import { gitFor } from './git.ts';
import { logsOn, textOf } from './logs.ts';
import type { PostgresTruth } from './postgres.ts';
import { createProgram, type Program } from './program.ts';
import type { Without } from './safeguards.ts';

/** A machine that works for the coordinator. Its worktrees, its processes and its disk outlive the runner; the processes do not outlive the machine. */
export interface Machine {
  readonly name: string;
  readonly stage: Stage;
  readonly troubles: Troubles;
  /** Null: no runner is there. */
  runner(): Program | null;
  /** The runner works since; null: it does not. */
  since(): Ms | null;
  start(): void;
  killRunner(down: Ms): void;
  /** Power off, and on again after a while. */
  powerOff(down: Ms): void;
  freeze(lasts: Ms): void;
  isOn(): boolean;
  logOf(run: RunId): string;
}

export interface MachineOptions {
  readonly stage: Stage;
  readonly name: string;
  readonly slots: number;
  readonly postgres: PostgresTruth;
  readonly ink: Ink;
  readonly without: Without | null;
  readonly witness: Stage['witness'];
}

const RETRY: Ms = 5_000;

/** Nobody waits for what is done to a run. */
class Forgetful extends Map<RunId, Promise<unknown>> {
  override set(): this {
    return this;
  }
}

export function createMachine({ stage: world, name, slots, postgres, ink, without, witness }: MachineOptions): Machine {
  const { timeline } = world;
  const troubles = createTroubles(timeline);
  const own = {
    troubles,
    witness,
    contents: emptyContents(),
    random: (...path: readonly (string | number)[]) => world.random(name, ...path),
  };
  const stage = { ...world, ...own, isUp: () => true, ring: () => undefined } as Stage;
  Object.assign(stage, { isCalm: () => world.isCalm() });
  Object.assign(stage, { repository: createRepository(stage, ink), kernel: createKernel(stage) });
  Object.assign(stage, { conversations: createConversations(stage) });
  const disk = new Map<RunId, Charge>();
  let runner: Program | null = null;
  let since: Ms | null = null;
  let isOn = true;
  let restart: (() => void) | null = null;
  let count = 0;

  const again = (delay: Ms): void => {
    restart?.();
    if (Number.isFinite(delay)) restart = timeline.after(delay, () => isOn && start());
  };

  function die(down: Ms): void {
    if (runner !== null) stage.trace(() => `the runner of ${name} is killed`);
    runner?.kill();
    runner = null;
    since = null;
    again(down);
  }

  function start(): void {
    if (runner !== null) return;
    count += 1;
    const program = createProgram(timeline, name);
    runner = program;
    begin(program, count).catch((error: unknown) => {
      if (program.isDead()) return;
      if (!(error instanceof PortError))
        stage.judge.broken('no program makes mistakes', `the runner of ${name} ends with ${String(error)}`);
      die(RETRY);
    });
  }

  async function begin(program: Program, number: number): Promise<void> {
    const life = program.living(createLife(stage, number, (down) => die(down)));
    const ports = portsFor(stage, life);
    const clock = program.keeping(ports.clock);
    const { shared, queue } = postgres.connect(name, program);
    const policy = { ...stage.policy, machines: false };
    // As the real one: it asks the coordinator's settings before it begins.
    await shared.fleet();
    const home = localSite({
      ports: { ...ports, clock },
      settings: { pollInterval: () => 60_000, trees: 'trees', baseBranch: 'main', draft: false },
      policy: () => policy,
      issue: () => null,
    });
    if (without === 'local journal') disk.clear();
    const dispatch = dispatchOn(queue, shared);
    await serve({
      ...{ name, slots, version: '1', labels: [], takeEvery: 5_000, retireAt: null, onRetired: () => undefined },
      ...{ shared, dispatch: without === 'lease' ? { ...dispatch, holds: async () => true } : dispatch, clock, home, policy },
      ...{ workers: ports.workers, workspaces: gitFor(ports.workspaces, stage.repository, life), branchPrefix: policy.branchPrefix },
      ...{
        charges: chargesIn({ all: () => [...disk.values()], put: (one) => disk.set(one.run.id, one), drop: (run) => disk.delete(run) }),
      },
      flights: without === 'lease' ? new Forgetful() : new Map(),
      ...{ logs: logsOn(stage), root: `/${name}`, hasTree: (task: TaskId) => stage.repository.trees.has(task) },
      capacity: () =>
        life.call('surroundings.machine', () => ({
          boot: stage.kernel.bootId(),
          protocol: PROTOCOL,
          load: 0,
          freeDisk: 1e12,
          freeMemory: 1e10,
        })),
      say: (words) => stage.trace(() => `${name}: ${words}`),
    });
    await program.gate();
    since = timeline.mono();
    stage.trace(() => `the runner of ${name} works`);
  }

  return {
    name,
    stage,
    troubles,
    runner: () => runner,
    since: () => since,
    start,
    killRunner: die,
    powerOff(down) {
      stage.trace(() => `${name} is off`);
      die(Number.POSITIVE_INFINITY);
      isOn = false;
      stage.kernel.reboot(false);
      stage.conversations.disturbAll();
      timeline.after(down, () => {
        stage.trace(() => `${name} is on again`);
        isOn = true;
        again(1_000);
      });
    },
    freeze(lasts) {
      const frozen = runner;
      if (frozen === null || frozen.isFrozen()) return;
      frozen.freeze();
      timeline.after(lasts, frozen.thaw);
    },
    isOn: () => isOn,
    logOf: (run) => textOf(stage, run),
  };
}
