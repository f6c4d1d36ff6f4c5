import type { Exit, ProcessIdentity } from '../../../src/core/model/run.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import { type RunId, rootOf, type TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';

export type Signal = 'SIGINT' | 'SIGTERM' | 'SIGKILL';

/** A process that lives. */
export interface Process {
  readonly pid: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
  /** Null: a stranger, none of ours. */
  readonly run: RunId | null;
  readonly task: TaskId | null;
  readonly role: 'agent' | 'child' | 'stranger';
  /** How many SIGKILLs it outlives, as in an uninterruptible sleep. */
  hardness: number;
  onSignal: (signal: Signal, by: 'tac8' | 'person') => void;
}

/** A run's folder on disk: what the shell parent leaves there. */
export interface RunFolder {
  readonly run: RunId;
  readonly task: TaskId;
  /** The boot in which its parent was started. */
  launchedIn: string | null;
  identity: ProcessIdentity | null;
  isParentThere: boolean;
  exit: Exit | null;
  /** Messages that the prompt held when the parent was started. */
  letters: readonly string[];
}

/** The machine's processes. */
export interface Kernel {
  bootId(): string;
  readonly folders: ReadonlyMap<RunId, RunFolder>;
  makeFolder(run: RunId, task: TaskId): RunFolder;
  /** The parent comes up, and a moment later the agent. Started once, it needs no daemon. */
  startParent(folder: RunFolder, letters: readonly string[]): void;
  find(pid: number): Process | undefined;
  membersOf(run: RunId): readonly Process[];
  liveOf(task: TaskId): readonly Process[];
  /** Of the task and of all attempts at it. */
  liveBelow(task: TaskId): readonly Process[];
  liveRuns(): ReadonlySet<RunId>;
  spawn(of: Pick<Process, 'run' | 'task' | 'role'> & { readonly hardness?: number }): Process;
  signal(process: Process, signal: Signal, by: 'tac8' | 'person'): void;
  /** It ends. `code` null: its parent dies with it, so that nobody writes how. */
  end(process: Process, code: number | null): void;
  /** Power off and on: all gone, nothing written. `unlucky`: strangers come up with the same numbers. */
  reboot(unlucky: boolean): void;
}

export function createKernel(stage: Stage): Kernel {
  const { timeline } = stage;
  const random = stage.random('kernel');
  const table = new Map<number, Process>();
  const folders = new Map<RunId, RunFolder>();
  let boot = 1;
  let bootedAt: Ms = 0;
  let lastPid = 300;
  const bootId = (): string => `boot-${boot}`;
  const of = (keep: (process: Process) => boolean): Process[] => [...table.values()].filter(keep);

  /** Few numbers, so that they come again soon. */
  const freePid = (): number => {
    do lastPid = lastPid >= 360 ? 301 : lastPid + 1;
    while (table.has(lastPid));
    return lastPid;
  };
  const put = (process: Process): Process => {
    table.set(process.pid, process);
    return process;
  };
  const spawn: Kernel['spawn'] = ({ run, task, role, hardness = 0 }) =>
    put({
      ...{ pid: freePid(), startTime: Math.floor((timeline.mono() - bootedAt) / 10) },
      ...{ run, task, role, hardness },
      onSignal: () => undefined,
    });

  /** A stranger gets the number of a process that is gone. */
  const recycle = (pid: number, startTime: number): void => {
    if (table.has(pid)) return;
    const stranger = put({ pid, startTime, run: null, task: null, role: 'stranger', hardness: 0, onSignal: () => undefined });
    stage.trace(() => `pid ${pid} is a stranger's now`);
    timeline.after(random.between(60_000, 8 * 3_600_000), () => {
      if (table.get(pid) === stranger) table.delete(pid);
    });
  };

  const end: Kernel['end'] = (process, code) => {
    if (table.get(process.pid) !== process) return;
    table.delete(process.pid);
    if (process.role !== 'agent' || process.run === null) return;
    const folder = folders.get(process.run);
    if (folder === undefined) return;
    const bornIn = bootId();
    stage.trace(() => `agent of ${process.run} (${process.task}) ends: ${code ?? 'nobody writes how'}`);
    if (code === null) folder.isParentThere = false;
    else
      timeline.after(random.between(0, 300), () => {
        if (bornIn !== bootId()) return;
        folder.exit = { code, at: timeline.wall() };
        folder.isParentThere = false;
        stage.witness.recorded(folder.run);
      });
    if (!stage.isUp() && random.chance(0.6))
      timeline.after(
        random.between(500, 60_000),
        () => bornIn === bootId() && recycle(process.pid, Math.floor((timeline.mono() - bootedAt) / 10)),
      );
  };

  return {
    bootId,
    folders,
    makeFolder(run, task) {
      const folder = folders.get(run) ?? { run, task, launchedIn: null, identity: null, isParentThere: false, exit: null, letters: [] };
      folders.set(run, folder);
      return folder;
    },
    startParent(folder, letters) {
      folder.letters = letters;
      folder.launchedIn = bootId();
      folder.isParentThere = true;
      const bornIn = bootId();
      timeline.after(random.between(0, 200), () => {
        if (bornIn !== bootId()) return;
        const agent = spawn({ run: folder.run, task: folder.task, role: 'agent' });
        folder.identity = { pid: agent.pid, startTime: agent.startTime, bootId: bornIn, containment: { kind: 'sweep' } };
        stage.conversations.begin(agent, folder);
      });
    },
    find: (pid) => table.get(pid),
    membersOf: (run) => of((process) => process.run === run),
    liveOf: (task) => of((process) => process.task === task),
    liveBelow: (task) => of((process) => process.task === task || (process.task !== null && rootOf(process.task) === task)),
    liveRuns: () => new Set(of((process) => process.run !== null).map((process) => process.run as RunId)),
    spawn,
    signal(process, signal, by) {
      if (table.get(process.pid) !== process) return;
      if (by === 'tac8' && process.role === 'stranger')
        stage.judge.broken('identity', `tac8 sent ${signal} to a process that is not its own (pid ${process.pid})`);
      if (signal !== 'SIGKILL') return process.onSignal(signal, by);
      if (process.hardness > 0) process.hardness -= 1;
      else end(process, 137);
    },
    end,
    reboot(unlucky) {
      const gone = [...table.values()];
      table.clear();
      boot += 1;
      bootedAt = timeline.mono();
      for (const folder of folders.values()) folder.isParentThere = false;
      if (!unlucky) return;
      for (const process of gone) if (process.role === 'agent') recycle(process.pid, process.startTime);
    },
  };
}
