import { openMemoryStore, type StoreContents } from '../../../src/adapters/store/memory.ts';
import type { Commit } from '../../../src/core/model/records.ts';
import { transitionRun } from '../../../src/core/model/run-transition.ts';
import type { RunId, Task, TaskIn } from '../../../src/core/model/task.ts';
import { transitionTask } from '../../../src/core/model/task-transition.ts';
import type { Store } from '../../../src/engine/ports/records/store.ts';
import type { Life } from '../life.ts';
import { ask } from '../people/at-the-machine.ts';
import type { Stage } from '../stage.ts';

/** The store in memory; what it holds outlives the daemon, up to the last whole commit. */
export function storePort(stage: Stage, life: Life): Store {
  const { contents, witness } = stage;
  const store = openMemoryStore(contents);
  const late = stage.without === 'intent record' ? writeBehind(contents) : null;
  const view = late ?? store;

  function write(commit: Commit): void {
    intrude(commit);
    const asked = stage.without === 'compare-and-set' ? blind(contents, commit) : commit;
    view.commit(asked);
    witness.committed(asked);
  }

  /** Somebody else writes one of the same rows, after they were read and before they are written. */
  function intrude(commit: Commit): void {
    const what =
      late !== null
        ? undefined
        : stage.intruders.find((one) => (one === 'task' ? commit.tasks : commit.runs)?.some(({ expected }) => expected !== null));
    if (what === undefined) return;
    stage.intruders.splice(stage.intruders.indexOf(what), 1);
    if (what === 'task') {
      const task = contents.tasks.get(commit.tasks?.find(({ expected }) => expected !== null)?.next.id ?? 'gh-0');
      const next = task === undefined ? null : transitionTask(task, { kind: 'paused', at: 1 });
      if (task === undefined || next === null) return;
      store.commit({ tasks: [{ next, expected: task.version }] });
      stage.trace(() => `somebody else pauses ${task.id}`);
      stage.foreign.add(task.id);
      stage.timeline.after(20 * 60_000, () => {
        stage.foreign.delete(task.id);
        ask(stage, 'resume', task.id);
      });
    } else {
      const run = contents.runs.get(commit.runs?.find(({ expected }) => expected !== null)?.next.id ?? 'w-');
      const problem = { step: 'somebody else', message: 'was here', tries: 1, at: 1, retryAt: 1 };
      const next = run === undefined ? null : transitionRun(run, { kind: 'problem', problem });
      if (run !== undefined && next !== null) store.commit({ runs: [{ next, expected: run.version }] });
    }
  }

  return { ...view, commit: (commit) => life.sync('store.commit', () => write(commit)) };
}

/** Versions are not compared: the last writer wins. */
function blind(contents: StoreContents, commit: Commit): Commit {
  return {
    ...commit,
    tasks: (commit.tasks ?? []).map(({ next }) => ({ next, expected: contents.tasks.get(next.id)?.version ?? null })),
    runs: (commit.runs ?? []).map(({ next }) => ({ next, expected: contents.runs.get(next.id)?.version ?? null })),
  };
}

/** That a run is on its way is written down only once it runs: until then this process alone knows, and its task reads as pending. */
function writeBehind(contents: StoreContents): Store {
  const own: StoreContents = { ...contents, tasks: new Map(contents.tasks), runs: new Map(contents.runs) };
  const store = openMemoryStore(own);
  const isOnItsWay = (run: RunId): boolean => ['preparing', 'starting'].includes(own.runs.get(run)?.state ?? '');
  return {
    ...store,
    commit(commit) {
      store.commit(commit);
      for (const [id, run] of own.runs) if (!isOnItsWay(id)) contents.runs.set(id, run);
      for (const [id, task] of own.tasks) {
        contents.tasks.set(id, task.state === 'active' && isOnItsWay(task.run) ? asPending(task, contents.tasks.get(id)) : task);
      }
    },
  };
}

function asPending({ run: _, startedAt: __, ...facts }: TaskIn<'active'>, before: Task | undefined): Task {
  return { ...facts, state: 'pending', retryAt: null, resume: before?.state === 'pending' ? before.resume : null };
}
