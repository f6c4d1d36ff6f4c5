import { readdir } from 'node:fs/promises';
import type { RunId, Task, TaskId } from '../../core/task.ts';
import { isTaskId } from '../../core/task.ts';
import { PortError, type Workspaces } from '../../engine/ports.ts';
import { endAbandoned } from './abandoned.ts';
import { commitWip } from './commit-wip.ts';
import { type Difference, type DifferenceRequest, differenceOf } from './difference.ts';
import { absent } from './files.ts';
import { createGit } from './git.ts';
import { inspectTree } from './inspect.ts';
import { type Kit, openKit, type WorkspacesOptions } from './kit.ts';
import { type Mended, mendTree } from './mend.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { placesOf } from './places.ts';
import { findRegistered, readRegistry } from './registry.ts';
import { removeTree } from './remove.ts';
import { readRef, utf8 } from './repository.ts';
import { type Restored, type RestoreRequest, restoreSaved } from './restore.ts';
import { saveTree } from './save.ts';
import { type SavedContent, savedContent } from './saved-content.ts';
import { dropSaved, expired, listSaved, type Retention, type Saved } from './saved-refs.ts';
import { consumeSign, readSigns } from './signs.ts';
import { startTree } from './start-tree.ts';

export type { Difference } from './difference.ts';
export type { WorkspacesOptions } from './kit.ts';
export type { Mended } from './mend.ts';
export type { Restored, RestoreRequest } from './restore.ts';
export type { SavedContent } from './saved-content.ts';
export type { Retention, Saved } from './saved-refs.ts';

/** What stands in the folder of worktrees under the name of a task. */
export interface TreeSeen {
  readonly task: TaskId;
  readonly path: string;
  /** git knows it as a worktree. */
  readonly registered: boolean;
  /** A full ref; null when detached, or not registered. */
  readonly branch: string | null;
  readonly locked: string | null;
}

/** The port, and what the command line and the cleanup need besides. Each may throw a sorted PortError. */
export interface GitWorkspaces extends Workspaces {
  /** Finds the repository and hides our own files from git (done by the first call of any other, too); ends what a killed daemon left running. */
  prepareRepository(): Promise<void>;
  /** Fetches the base and the tasks' branches now; null, or why it did not work. */
  refresh(signal?: AbortSignal): Promise<string | null>;
  /** The highest number that a local task ever had, as far as git remembers: its branch, its saved work; 0: none. */
  lastLocal(): Promise<number>;
  /** All tasks that have a folder or a record of a worktree. */
  list(): Promise<TreeSeen[]>;
  /** Paths that git shows as changed or new in the main checkout, sorted: no worker has any business there. */
  mainChanges(): Promise<readonly string[]>;
  /** After a run is verified gone: see mend.ts. */
  mendAfterKill(task: Task, run: RunId): Promise<Mended>;
  /** Everything in the worktree as one commit on the task's branch; null: nothing to commit. */
  commitWip(task: Task, message: string): Promise<string | null>;
  restore(task: Task, request?: RestoreRequest): Promise<Restored>;
  /** Newest first; null: of all tasks. */
  listSaved(task: TaskId | null): Promise<Saved[]>;
  contentOf(saved: Saved): Promise<SavedContent>;
  /** What the task has changed so far; null: there is no work of it. See difference.ts. */
  difference(task: Task, request: DifferenceRequest): Promise<Difference | null>;
  /** Drops old snapshots, never the last one of a task. Answers the refs dropped. */
  expireSaved(retention: Retention, now: number): Promise<string[]>;
}

/** Worktrees in one repository. Nothing is done before the first call. */
export function createWorkspaces(options: WorkspacesOptions): GitWorkspaces {
  const places = placesOf(options.root, options.dir, options.stateDir ?? '.tac8');
  const git = createGit({ cwd: options.root, stateDir: places.state, timeoutMs: options.gitTimeoutMs });
  let opened: Promise<Kit> | null = null;
  const kit = (): Promise<Kit> => {
    opened ??= openKit(options, git, places).catch((error: unknown) => {
      // Not remembered: the next call looks again, a person may have run `git init` meanwhile.
      opened = null;
      throw error;
    });
    return opened;
  };
  /** For what reads and writes one worktree. */
  const forTree = async <T>(task: TaskId, work: (k: Kit) => Promise<T>): Promise<T> => {
    const k = await kit();
    return oneAtATime(places.tree(task), () => work(k));
  };
  return {
    prepareRepository: async () => {
      const { log } = await kit();
      for (const words of endAbandoned(places.state)) log.warn(`ended what a former daemon had left running: ${words}`);
    },
    pathOf: (task) => places.tree(task),
    refresh: async (signal) => (await kit()).base.refresh(signal),
    ensure: (task, signal) => forTree(task.id, (k) => startTree(k, task, signal)),
    baseOf: async (task) => baseOf(await kit(), task),
    inspect: (task, baseCommit) => forTree(task.id, (k) => inspect(k, task, baseCommit)),
    push: async (task, signal) => push(await kit(), task, signal),
    signs: (task) => readSigns(places, task),
    consumeSigns: async (task, run) => {
      await consumeSign(places, task, run, 'STOP');
      await consumeSign(places, task, run, 'BLOCKED.md');
    },
    save: (task, run, reason) => forTree(task.id, (k) => saveTree(k, task, run, reason)),
    remove: (task, run) => forTree(task.id, (k) => removeTree(k, task, run)),
    mendAfterKill: (task, run) => forTree(task.id, (k) => mendTree(k, task, run)),
    commitWip: (task, message) => forTree(task.id, (k) => commitWip(k, task, message)),
    restore: (task, request = {}) =>
      forTree(task.id, (k) => {
        const ensure = (): Promise<unknown> => startTree(k, task, new AbortController().signal);
        return restoreSaved(k, task, request, ensure);
      }),
    lastLocal: async () => lastLocal(await kit()),
    list: async () => list(await kit()),
    mainChanges: async () => {
      await kit();
      const { stdout } = await git(['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all'], { cwd: options.root });
      return utf8(stdout)
        .split('\0')
        .filter((line) => line !== '')
        .map((line) => line.slice(3))
        .sort();
    },
    listSaved: async (task) => listSaved(git, (await kit()).repository, task),
    contentOf: async (saved) => savedContent(git, (await kit()).repository, saved),
    difference: (task, request) => forTree(task.id, (k) => differenceOf(k, task, request)),
    expireSaved: async (retention, now) => {
      const { repository } = await kit();
      return dropSaved(git, repository, expired(await listSaved(git, repository, null), retention, now));
    },
  };
}

async function inspect(k: Kit, task: Task, baseCommit: string): ReturnType<Workspaces['inspect']> {
  const branch = await k.base.known();
  const remote = k.options.remote;
  const refs = branch === null ? [] : [`refs/heads/${branch}`, ...(remote === null ? [] : [`refs/remotes/${remote}/${branch}`])];
  return inspectTree(k.git, k.repository, k.places.tree(task.id), task, baseCommit, refs);
}

/** Its own branch tells; a worktree that stands elsewhere, or none at all, goes back to the base itself. */
async function baseOf(k: Kit, task: TaskId): Promise<string> {
  const commit = (await k.base.here()) ?? (await k.base.find()).commit;
  const head = await readRef(k.git, k.repository, `refs/heads/${k.options.branchPrefix}${task}`);
  if (head === null) return commit;
  const { code, stdout } = await k.git(['merge-base', head, commit], { cwd: k.repository.root, codes: [0, 1] });
  return code === 0 ? stdout.trim() : commit;
}

async function push(k: Kit, task: Task, signal: AbortSignal): ReturnType<Workspaces['push']> {
  const commit = await readRef(k.git, k.repository, `refs/heads/${task.branch}`);
  if (commit === null)
    throw new PortError('terminal', `the branch ${task.branch} does not exist`, { hint: 'Was it deleted? Retry the task.' });
  if ((await k.remote.url()) === null) return { commit, remote: null };
  await k.remote.push(commit, task.branch, signal);
  return { commit, remote: k.options.remote };
}

async function lastLocal(k: Kit): Promise<number> {
  const patterns = [`refs/heads/${k.options.branchPrefix}local-*`, 'refs/tac8/saved/'];
  const { stdout } = await k.git(['for-each-ref', '--format=%(refname)', ...patterns], { cwd: k.repository.root });
  return Math.max(0, ...[...stdout.matchAll(/(?:^|\/)local-(\d{1,15})(?=\/|$)/gm)].map(([, number]) => Number(number)));
}

async function list(k: Kit): Promise<TreeSeen[]> {
  const registry = await readRegistry(k.repository);
  const folders = await readdir(k.places.trees).catch(absent<string[]>([]));
  const recorded = registry.flatMap(({ path }) => (path === null ? [] : [path.slice(path.lastIndexOf('/') + 1)]));
  const tasks = [...new Set([...folders, ...recorded])].filter(isTaskId);
  const seen = await Promise.all(
    tasks.map(async (task): Promise<TreeSeen[]> => {
      const path = k.places.tree(task);
      const record = await findRegistered(registry, path);
      if (record === null && !folders.includes(task)) return [];
      return [{ task, path, registered: record !== null, branch: record?.branch ?? null, locked: record?.locked ?? null }];
    }),
  );
  return seen.flat();
}
