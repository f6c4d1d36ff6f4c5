import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';

/** A worktree: edits not yet committed, each with the run that made it, and the files that speak to tac8. */
export interface Tree {
  readonly dirty: Map<string, RunId>;
  /** Furnished: the setup ran to its end. */
  isReady: boolean;
  stop: string | null;
  /** When that was laid. */
  stopAt: Ms;
  blocked: string | null;
}

export interface Snapshot {
  readonly ref: string;
  readonly run: RunId | null;
  readonly edits: ReadonlySet<string>;
  /** What the branch had then. */
  readonly commits: readonly string[];
}

/** What every repository of one world writes with: no edit and no commit has the name of another, and each commit knows its edits. */
export interface Ink {
  count: number;
  readonly editsIn: Map<string, readonly string[]>;
}

/** The repository: branches, worktrees, what was saved and pushed. An edit is a word of its own, so that none can be lost unseen. */
export interface RepositoryTruth {
  readonly trees: ReadonlyMap<TaskId, Tree>;
  /** Per branch the commits beyond the base, oldest first. */
  readonly branches: ReadonlyMap<TaskId, readonly string[]>;
  readonly pushed: ReadonlyMap<TaskId, string>;
  edit(task: TaskId, run: RunId): void;
  commit(task: TaskId): void;
  /** The same where there is anything to commit; answers the commit. */
  commitAll(task: TaskId): string | null;
  write(task: TaskId, file: 'STOP' | 'BLOCKED.md', text: string): void;
  makeTree(task: TaskId): { readonly tree: Tree; readonly created: boolean };
  /** Everything uncommitted, under a name of its own; null: nothing that is not saved already. */
  save(task: TaskId, run: RunId | null): { readonly ref: string | null; readonly commit: string | null };
  push(task: TaskId): string | null;
  consume(task: TaskId, isStopTaken?: boolean): void;
  /** Takes the worktree away, with what is in it. */
  remove(task: TaskId): void;
  /** A person removes the folder; what was in it is theirs to miss. */
  vanish(task: TaskId): void;
  /** Edits in the worktree that stand nowhere else. */
  unsaved(task: TaskId): readonly string[];
  savedOf(task: TaskId): readonly Snapshot[];
  /** Takes in what another repository has of the task. `commits` null: they stay as they are here. */
  adopt(task: TaskId, commits: readonly string[] | null, snapshots: readonly Snapshot[]): void;
  /** What a snapshot holds is in the worktree again. */
  putBack(task: TaskId, ref: string): void;
}

export function createRepository(stage: Stage, ink: Ink = { count: 0, editsIn: new Map() }): RepositoryTruth {
  const trees = new Map<TaskId, Tree>();
  const branches = new Map<TaskId, string[]>();
  const pushed = new Map<TaskId, string>();
  const saved = new Map<TaskId, Snapshot[]>();

  const unsaved = (task: TaskId): string[] => {
    const kept = saved.get(task) ?? [];
    return [...(trees.get(task)?.dirty.keys() ?? [])].filter((edit) => !kept.some(({ edits }) => edits.has(edit)));
  };
  const commit = (task: TaskId): string => {
    ink.count += 1;
    const tree = trees.get(task);
    const made = ink.count.toString(16).padStart(7, '0').padEnd(40, 'c');
    ink.editsIn.set(made, [...(tree?.dirty.keys() ?? [])]);
    tree?.dirty.clear();
    branches.set(task, [...(branches.get(task) ?? []), made]);
    return made;
  };
  return {
    trees,
    branches,
    pushed,
    edit(task, run) {
      ink.count += 1;
      trees.get(task)?.dirty.set(`edit ${ink.count}`, run);
    },
    commit,
    commitAll: (task) => ((trees.get(task)?.dirty.size ?? 0) === 0 ? null : commit(task)),
    write(task, file, text) {
      const tree = trees.get(task);
      if (tree === undefined) return;
      if (file === 'STOP') Object.assign(tree, { stop: text, stopAt: stage.timeline.wall() });
      else tree.blocked = text;
    },
    makeTree(task) {
      const there = trees.get(task);
      if (there !== undefined) return { tree: there, created: false };
      const tree: Tree = { dirty: new Map(), isReady: false, stop: null, stopAt: 0, blocked: null };
      trees.set(task, tree);
      return { tree, created: true };
    },
    save(task, run) {
      const edits = new Set(trees.get(task)?.dirty.keys() ?? []);
      if (unsaved(task).length === 0) return { ref: null, commit: null };
      const all = saved.get(task) ?? [];
      const ref = `refs/tac8/saved/${task}/${run}/${all.length + 1}`;
      saved.set(task, [...all, { ref, run, edits, commits: branches.get(task) ?? [] }]);
      stage.trace(() => `saved ${edits.size} edits of ${run} (${task})`);
      return { ref, commit: 'a'.repeat(40) };
    },
    push(task) {
      const tip = branches.get(task)?.at(-1) ?? null;
      if (tip !== null) {
        pushed.set(task, tip);
        stage.forge.moved(task, tip);
      }
      return tip;
    },
    consume(task, isStopTaken = true) {
      const tree = trees.get(task);
      if (tree !== undefined) Object.assign(tree, { stop: isStopTaken ? null : tree.stop, blocked: null });
    },
    remove(task) {
      const users = stage.kernel.liveOf(task);
      if (users.length > 0)
        stage.judge.broken('no work is lost', `the worktree of ${task} is removed while ${users.length} processes work in it`);
      const lost = unsaved(task);
      if (lost.length > 0) stage.judge.broken('no work is lost', `the worktree of ${task} is removed with ${lost.length} unsaved edits`);
      stage.trace(() => `the worktree of ${task} is removed`);
      trees.delete(task);
    },
    vanish(task) {
      for (const { run } of stage.kernel.liveOf(task)) if (run !== null) stage.conversations.disturb(run);
      stage.trace(() => `a person removes the worktree of ${task}`);
      trees.delete(task);
    },
    unsaved,
    savedOf: (task) => saved.get(task) ?? [],
    adopt(task, commits, snapshots) {
      if (commits !== null) branches.set(task, [...commits]);
      const known = new Set((saved.get(task) ?? []).map(({ ref }) => ref));
      saved.set(task, [...(saved.get(task) ?? []), ...snapshots.filter(({ ref }) => !known.has(ref))]);
    },
    putBack(task, ref) {
      const tree = trees.get(task);
      const found = saved.get(task)?.find((one) => one.ref === ref);
      const committed = new Set((branches.get(task) ?? []).flatMap((commit) => ink.editsIn.get(commit) ?? []));
      for (const edit of found?.edits ?? []) if (!committed.has(edit)) tree?.dirty.set(edit, found?.run ?? 'w-000000');
    },
  };
}
