import { isAbsolute } from 'node:path';
import type { RunId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Workers } from '../../engine/ports/machine/workers.ts';
import type { Holding } from '../../engine/ports/records/facts.ts';
import { rouseMoves } from './hold/cgroup.ts';
import { type Containment, type ContainmentKind, chooseContainment, findTools, type Tools } from './hold/containment.ts';
import { findRuns } from './hold/strays.ts';
import { bootId } from './proc/proc.ts';
import { readRunFolder } from './proc/run-folder.ts';
import { closeInput, sayLine } from './run/input.ts';
import { identityOf, launchRun } from './run/launch.ts';
import { type EarlierLooks, probeRun } from './run/probe.ts';
import { countMembers, findMembers, killTree, signalBirth } from './tree/tree.ts';
import { readUsage } from './tree/usage.ts';

export interface WorkersOptions {
  /** Absolute: `<root>/.tac8/runs`. */
  readonly runsDir: string;
  /** Absolute: where the runs' logs are; their names tell of which task a run is. */
  readonly logs?: string;
  readonly containment?: ContainmentKind | 'auto';
  /** The most memory that a run started from now on may use, in bytes; null: no limit of its own. */
  readonly memory?: () => number | null;
  /** How long one SIGKILL goes on until the tree is empty, in milliseconds. */
  readonly killLimit?: number;
}

export interface ProcessWorkers extends Workers {
  /** What holds the runs started from now on together, and why that. Tried once, at the first call. */
  containment(): { readonly kind: ContainmentKind; readonly why: string };
}

interface Machine {
  readonly tools: Tools;
  readonly containment: Containment;
}

/** Real processes. Starting it touches nothing; the machine is tried at the first launch. */
export function createWorkers(options: WorkersOptions): ProcessWorkers {
  const { runsDir, killLimit = 2000 } = options;
  if (!isAbsolute(runsDir)) throw new PortError('terminal', `runsDir is not absolute: ${runsDir}`);
  let tried: Machine | null = null;
  const machine = (): Machine => {
    if (tried === null) {
      const tools = findTools();
      tried = { tools, containment: chooseContainment(options.containment ?? 'auto', runsDir, tools) };
    }
    return tried;
  };
  const inTurn = takeTurns();
  const looks = new Map<RunId, EarlierLooks>();
  const earlierOf = (run: RunId): EarlierLooks => {
    const earlier = looks.get(run) ?? { members: new Map<number, number>(), folder: null };
    looks.set(run, earlier);
    return earlier;
  };

  return {
    warmUp() {
      if (tried?.containment.kind === 'cgroup') void rouseMoves();
    },
    async launch(launch) {
      const { containment, tools } = machine();
      return launchRun(runsDir, launch, { containment, tools, memory: options.memory?.() ?? null });
    },
    async probe(run, identity) {
      const seen = await probeRun(runsDir, run, identity, earlierOf(run));
      if (seen.kind === 'gone' || seen.kind === 'never') looks.delete(run);
      return seen;
    },
    async signal(run, stored, signal) {
      const folder = readRunFolder(runsDir, run);
      // A daemon that died right after a launch left no identity in the store; the run's folder has it.
      const identity = stored ?? identityOf(folder);
      if (identity === null || identity.bootId !== bootId()) return { reached: 0, left: 0 };
      const tree = { identity, folder, known: earlierOf(run).members };
      if (signal === 'SIGKILL') return killTree(tree, killLimit);
      // Whom it has started is learnt now: once the agent is gone, only the containment remembers them.
      countMembers(tree);
      const reached = signalBirth(identity, signal) ? 1 : 0;
      return { reached, left: reached === 0 ? (await findMembers(tree)).length : countMembers(tree) };
    },
    usage: async (run, identity) =>
      readUsage(identity, () => ({ identity, folder: readRunFolder(runsDir, run), known: earlierOf(run).members })),
    say: (run, line) => inTurn(run, () => sayLine(runsDir, run, line)),
    closeInput: (run) => inTurn(run, () => closeInput(runsDir, run)),
    containment: () => describe(machine()),
    holding: () => (tried === null ? null : holdingOf(tried.containment)),
    strays: async (isKnown) => (await findRuns(runsDir, options.logs)).filter((stray) => !isKnown(stray.run)),
  };
}

/** For people: what a stop can rely on, and what keeps a worker from taking all memory. */
function holdingOf({ kind, memory }: Containment): Holding {
  return { kind, memory };
}

function describe({ tools, containment: { kind, why } }: Machine): { readonly kind: ContainmentKind; readonly why: string } {
  const deaf = tools.reset.kind === 'none' ? '; agents start with SIGINT ignored (neither env --default-signal nor perl is here)' : '';
  return { kind, why: `${why}${deaf}` };
}

/** Lines to one run go one after the other: two long ones at once would mix. */
function takeTurns(): (run: RunId, task: () => Promise<void>) => Promise<void> {
  const turns = new Map<RunId, Promise<void>>();
  return async (run, task) => {
    const before = turns.get(run) ?? Promise.resolve();
    const mine = before.then(task, task);
    turns.set(run, mine);
    try {
      await mine;
    } finally {
      if (turns.get(run) === mine) turns.delete(run);
    }
  };
}
