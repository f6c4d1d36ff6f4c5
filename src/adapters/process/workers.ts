import { isAbsolute } from 'node:path';
import type { RunId } from '../../core/task.ts';
import { type Held, PortError, type Workers } from '../../engine/ports.ts';
import { rouseMoves } from './cgroup.ts';
import { type Containment, type ContainmentKind, chooseContainment, findTools, type Tools } from './containment.ts';
import { closeInput, sayLine } from './input.ts';
import { identityOf, launchRun } from './launch.ts';
import { probeRun } from './probe.ts';
import { bootId } from './proc.ts';
import { readRunFolder } from './run-folder.ts';
import { findRuns } from './strays.ts';
import { countMembers, findMembers, killTree, signalBirth } from './tree.ts';
import { readUsage } from './usage.ts';

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
  const memories = new Map<RunId, Map<number, number>>();
  const memoryOf = (run: RunId): Map<number, number> => {
    const memory = memories.get(run) ?? new Map<number, number>();
    memories.set(run, memory);
    return memory;
  };

  return {
    expect() {
      if (tried?.containment.kind === 'cgroup') void rouseMoves();
    },
    async launch(launch) {
      const { containment, tools } = machine();
      return launchRun(runsDir, launch, { containment, tools, memory: options.memory?.() ?? null });
    },
    async probe(run, identity) {
      const seen = await probeRun(runsDir, run, identity, memoryOf(run));
      if (seen.kind === 'gone' || seen.kind === 'never') memories.delete(run);
      return seen;
    },
    async signal(run, stored, signal) {
      const folder = readRunFolder(runsDir, run);
      // A daemon that died right after a launch left no identity in the store; the run's folder has it.
      const identity = stored ?? identityOf(folder);
      if (identity === null || identity.bootId !== bootId()) return { reached: 0, left: 0 };
      const tree = { identity, folder, memory: memoryOf(run) };
      if (signal === 'SIGKILL') return killTree(tree, killLimit);
      // Whom it has started is learnt now: once the agent is gone, only the containment remembers them.
      countMembers(tree);
      const reached = signalBirth(identity, signal) ? 1 : 0;
      return { reached, left: reached === 0 ? (await findMembers(tree)).length : countMembers(tree) };
    },
    usage: async (run, identity) => readUsage({ identity, folder: readRunFolder(runsDir, run), memory: memoryOf(run) }),
    say: (run, line) => inTurn(run, () => sayLine(runsDir, run, line)),
    closeInput: (run) => inTurn(run, () => closeInput(runsDir, run)),
    containment: () => describe(machine()),
    held: () => (tried === null ? null : holding(tried.containment)),
    strays: async (isKnown) => (await findRuns(runsDir, options.logs)).filter((stray) => !isKnown(stray.run)),
  };
}

/** For people: what a stop can rely on, and what keeps a worker from taking all memory. */
function holding({ kind, memory }: Containment): Held {
  return { kind, memory };
}

function describe({ tools, containment: { kind, why } }: Machine): { readonly kind: ContainmentKind; readonly why: string } {
  const deaf = tools.reset.kind === 'none' ? '; agents start with SIGINT ignored (neither env --default-signal nor perl is here)' : '';
  return { kind, why: `${why}${deaf}` };
}

const turns = new Map<string, Promise<void>>();

/** Lines to one run go one after the other: two long ones at once would mix. */
async function inTurn(run: RunId, task: () => Promise<void>): Promise<void> {
  const before = turns.get(run) ?? Promise.resolve();
  const mine = before.then(task, task);
  turns.set(run, mine);
  try {
    await mine;
  } finally {
    if (turns.get(run) === mine) turns.delete(run);
  }
}
