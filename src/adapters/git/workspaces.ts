import { readdir } from 'node:fs/promises';
import { isTaskId, type RunId, type Task, type TaskId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Claims } from '../../engine/ports/repository/claims.ts';
import type { PushGuard, Workspaces } from '../../engine/ports/repository/workspaces.ts';
import { endAbandoned } from './call/abandoned.ts';
import { oneAtATime } from './call/one-at-a-time.ts';
import { together } from './call/together.ts';
import { heldBy } from './guard.ts';
import { moveBranch } from './packs/onto-branch.ts';
import { admitPack, makePack, moveRefs, type Pack, refsBelow } from './packs/packs.ts';
import { fileAt, isTemplate, TEMPLATE_FOLDERS } from './repository/base-file.ts';
import { addExcludes } from './repository/exclude.ts';
import { removeLeftPacks } from './repository/incoming.ts';
import { placesOf } from './repository/places.ts';
import { findPlaced, readRegistry } from './repository/registry.ts';
import { readRef, utf8 } from './repository/repository.ts';
import { authorsOf } from './repository/task-tip.ts';
import { type Restored, type RestoreRequest, restoreSaved } from './restore/restore.ts';
import { type SavedContent, savedContent } from './restore/saved-content.ts';
import { commitWip } from './saved/commit-wip.ts';
import { type Mended, mendTree } from './saved/mend.ts';
import { saveTree } from './saved/save.ts';
import { dropSaved, expired, listSaved, type Retention, type Saved } from './saved/saved-refs.ts';
import { againWhenMended } from './sound/again.ts';
import type { IndexPack } from './sound/objects.ts';
import { type Sound, soundAt } from './sound/sound.ts';
import { createClaims } from './transport/claims.ts';
import { NO_REMOTE, type Pinned } from './transport/memory.ts';
import { type Difference, type DifferenceRequest, differenceOf } from './trees/difference.ts';
import { basesOf, bringOver } from './trees/elsewhere.ts';
import { inspectTree } from './trees/inspect.ts';
import { gitFor, type Kit, openKit, refusesIn, SILENT, type WorkspacesOptions } from './trees/kit.ts';
import { mainChanges, unchangedSince } from './trees/main-checkout.ts';
import { removeTree } from './trees/remove.ts';
import { consumeSign, readSigns } from './trees/signs.ts';
import { originOf, startTree } from './trees/start-tree.ts';
import { absent } from './view/files.ts';

export type { Restored, RestoreRequest } from './restore/restore.ts';
export type { SavedContent } from './restore/saved-content.ts';
export type { Mended } from './saved/mend.ts';
export type { Retention, Saved } from './saved/saved-refs.ts';
export type { Difference } from './trees/difference.ts';
export type { WorkspacesOptions } from './trees/kit.ts';

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

/** What another machine begins with. */
export interface Beginning extends Pack {
  /** The branch that new work starts from. */
  readonly base: string;
  /** The ref of the newest snapshot of the task, if it was taken on this branch. */
  readonly saved: string | null;
}

/** The port, and what the command line and the cleanup need besides. Each may throw a sorted PortError. */
export interface GitWorkspaces extends Workspaces {
  /** The highest number that a local task ever had, as far as git remembers: its branch, its saved work; 0: none. */
  lastLocal(): Promise<number>;
  /** All tasks that have a folder or a record of a worktree. */
  list(): Promise<TreeSeen[]>;
  /** Paths that git shows as changed or new in the main checkout, sorted: no worker has any business there. */
  mainChanges(): Promise<readonly string[]>;
  /** Those of them that were as they are at that time already. */
  mainUnchangedSince(paths: readonly string[], at: number): Promise<readonly string[]>;
  /** See mend.ts: what it had to save first, too. */
  mendAfterKill(task: Task, run: RunId): Promise<Mended>;
  restore(task: Task, request?: RestoreRequest): Promise<Restored>;
  /** Newest first; null: of all tasks. */
  listSaved(task: TaskId | null): Promise<Saved[]>;
  contentOf(saved: Saved): Promise<SavedContent>;
  /** What the task has changed so far; null: there is no work of it. See difference.ts. */
  difference(task: Task, request: DifferenceRequest): Promise<Difference | null>;
  /** Who works on which issue, as refs at the remote. */
  readonly claims: Claims;
  /** The address that git's settings name now, whatever counts; null for none. */
  named(): Promise<Pinned>;
  /** What another machine needs to begin or go on with the task: the base, and what there is of its branch. `have`: commits that it has. */
  packToBegin(task: Task, have: readonly string[]): Promise<Beginning>;
  /** The task's branch and its saved work, for the machine that it belongs to. */
  packOfWork(task: Task, have: readonly string[]): Promise<Pack>;
  /** Takes in what the machine that the task was given to has sent; nothing but that task's. See packs.ts. */
  takeWork(task: Task, pack: Pack): Promise<void>;
  /** Takes in what the coordinator sent to begin with. `base`: the branch that new work starts from. */
  takeToBegin(pack: Pack, base: string): Promise<void>;
  /** Commits that stand here, for `have`: the tips of all branches. */
  tips(): Promise<readonly string[]>;
  /** Drops old snapshots, never the last one of a task. Answers the refs dropped. */
  expireSaved(retention: Retention, now: number): Promise<string[]>;
}

/** Worktrees in one repository. Nothing is done before the first call. */
export function createWorkspaces(options: WorkspacesOptions): GitWorkspaces {
  const places = placesOf(options.root, options.dir, options.stateDir ?? '.tac8');
  const git = gitFor(options, places);
  let opened: Promise<Kit> | null = null;
  let sounds: Sound | null = null;
  const index: IndexPack = (pack, to) => git(['index-pack', '-o', to, pack], { cwd: options.root });
  const soundness = async (): Promise<Sound | null> => {
    sounds ??= await soundAt(options.root, places, options.branchPrefix, {
      log: options.log ?? SILENT,
      index,
      refuses: refusesIn(git, options.root),
    }).catch(() => null);
    return sounds;
  };
  const found = async (): Promise<Kit> => {
    const isMended = (await (await soundness())?.look()) === true;
    opened ??= openKit(options, git, places).catch((error: unknown) => {
      // Not remembered: the next call looks again, a person may have run `git init` meanwhile.
      opened = null;
      throw error;
    });
    const k = await opened;
    // What was moved aside may have been the file that keeps our own files out of everybody's sight.
    if (isMended) await addExcludes(k.repository, options.dir);
    return k;
  };
  const again = againWhenMended({ sound: soundness, refetch: async () => (await found()).base.refetch() });
  const on = <T>(work: (k: Kit) => T | Promise<T>, tree?: string): Promise<T> => again(async () => work(await found()), tree);
  /** For what reads and writes one worktree. */
  const forTree = async <T>(task: TaskId, work: (k: Kit) => Promise<T>): Promise<T> =>
    on(
      (k) =>
        oneAtATime(places.tree(task), async () => {
          await options.boxes?.take(task, false);
          return work(k);
        }),
      places.tree(task),
    );
  return {
    prepareRepository: async () => {
      const { log, kept, repository } = await on((k) => k);
      const left = await options.jobs.endLeft();
      if (left > 0) log.warn(`ended ${left} scripts that a former daemon had left running`);
      for (const words of endAbandoned(places.state)) log.warn(`ended what a former daemon had left running: ${words}`);
      const packs = await removeLeftPacks(repository).catch(() => 0);
      if (packs > 0) log.warn(`removed ${packs} folders of objects that a former daemon had begun to take over`);
      await kept.clear();
    },
    pathOf: (task) => places.tree(task),
    refresh: (signal) => on(({ base }) => base.refresh(signal)),
    ensure: (task, signal) => forTree(task.id, (k) => startTree(k, task, signal)),
    originOf: (task) => on((k) => originOf(k, task)),
    pullTemplate: () =>
      on(async (k) => {
        const base = await k.base.here();
        return base === null ? null : fileAt(k.git, k.repository, base, TEMPLATE_FOLDERS, isTemplate);
      }),
    inspect: (task, baseCommit) => forTree(task.id, (k) => inspect(k, task, baseCommit)),
    push: (task, signal, guard, mine) => on((k) => push(k, task, signal, guard, mine)),
    signs: (task) => {
      // It is asked again and again while a worker is at work: its commits are seen outside soon after.
      options.boxes?.follow(task, (work) => oneAtATime(places.tree(task), work));
      return readSigns(places, task);
    },
    consumeSigns: async (task, run) => {
      await consumeSign(places, task, run, 'STOP');
      await consumeSign(places, task, run, 'BLOCKED.md');
    },
    save: (task, run, reason) => forTree(task.id, (k) => saveTree(k, task, run, reason)),
    remove: (task, run) =>
      forTree(task.id, async (k) => {
        await options.boxes?.take(task.id, true);
        await removeTree(k, task, run);
        await options.boxes?.drop(task.id);
      }),
    mendAfterKill: (task, run) => forTree(task.id, (k) => mend(k, task, run)),
    commitWip: (task, message) => forTree(task.id, (k) => commitWip(k, task, message)),
    restore: (task, request = {}) =>
      forTree(task.id, (k) => {
        const ensure = (): Promise<unknown> => startTree(k, task, new AbortController().signal);
        return restoreSaved(k, task, request, ensure);
      }),
    lastLocal: () => on(lastLocal),
    list: () => on(list),
    mainChanges: () => on(() => mainChanges(git, options.root)),
    mainUnchangedSince: (paths, at) => unchangedSince(options.root, paths, at),
    listSaved: (task) => on(({ repository }) => listSaved(git, repository, task)),
    contentOf: (saved) => on(({ repository }) => savedContent(git, repository, saved)),
    difference: (task, request) => forTree(task.id, (k) => differenceOf(k, task, request)),
    packToBegin: (task, have) => on((k) => packToBegin(k, task, have)),
    packOfWork: (task, have) =>
      on(async (k) => makePack(k.git, k.repository, places.state, await refsBelow(k.git, k.repository, refsOfTask(task)), have)),
    takeWork: (task, pack) => on((k) => oneAtATime(k.repository.commonDir, () => takeWork(k, task, pack))),
    takeToBegin: (pack, base) => on((k) => oneAtATime(k.repository.commonDir, () => takeToBegin(k, pack, base))),
    tips: () => on(async (k) => Object.values(await refsBelow(k.git, k.repository, ['refs/heads/']))),
    claims: createClaims(
      () => on(({ repository }) => repository),
      () => on(({ remote }) => remote),
    ),
    named: () => on(async ({ remote }) => (await remote.named()) ?? NO_REMOTE),
    expireSaved: (retention, now) =>
      on(async ({ repository }) => dropSaved(git, repository, expired(await listSaved(git, repository, null), retention, now))),
  };
}

async function inspect(k: Kit, task: Task, baseCommit: string): ReturnType<Workspaces['inspect']> {
  return inspectTree(k, k.places.tree(task.id), task, baseCommit, await basesOf(k));
}

/** What an agent committed beside its branch comes onto it, too, where that is plain. */
async function mend(k: Kit, task: Task, run: RunId): Promise<Mended> {
  const mended = await mendTree(k, task, run);
  const over = await bringOver(k, task);
  if (over === null) return mended;
  k.log.info('brought over after a run', { task: task.id, run, what: over });
  return { ...mended, done: [...mended.done, over] };
}

async function push(k: Kit, task: Task, signal: AbortSignal, guard?: PushGuard, mine?: string | null): ReturnType<Workspaces['push']> {
  const commit = await readRef(k.git, k.repository, `refs/heads/${task.branch}`);
  if (commit === null)
    throw new PortError('terminal', `the branch ${task.branch} does not exist`, { hint: 'Was it deleted? Retry the task.' });
  if ((await k.remote.address()) === null) return { commit, remote: null };
  const held = guard === undefined ? null : await heldBy(k, task, commit, guard, signal);
  if (held !== null) return { commit, remote: null, held };
  const more = { beside: [k.places.boxed(task.id)], ...(mine === undefined ? {} : { mine }) };
  const theirs = await k.remote.push(commit, task.branch, signal, more);
  if (theirs === null) return { commit, remote: k.options.remote };
  // The worktree sees what is there, so that both can be brought together.
  await k.remote.fetch([task.branch], signal);
  return { commit, remote: null, overtaken: { commit: theirs, by: await authorsOf(k.git, k.repository, theirs, commit) } };
}

const refsOfTask = ({ id, branch }: Task): readonly string[] => [`refs/heads/${branch}`, `refs/tac8/saved/${id}/`];

async function packToBegin(k: Kit, task: Task, have: readonly string[]): Promise<Beginning> {
  const base = await k.base.find();
  const [newest] = task.drops === undefined ? await listSaved(k.git, k.repository, task.id) : [];
  const saved = newest?.branch === `refs/heads/${task.branch}` ? newest : null;
  const refs = {
    [`refs/heads/${base.branch}`]: base.commit,
    ...(await refsBelow(k.git, k.repository, [`refs/heads/${task.branch}`])),
    ...(saved === null ? {} : { [saved.ref]: saved.commit }),
  };
  return { ...(await makePack(k.git, k.repository, k.places.state, refs, have)), base: base.branch, saved: saved?.ref ?? null };
}

/** A machine brings what belongs to the task that it was given, and nothing else. What a person committed here meanwhile stays. */
async function takeWork(k: Kit, task: Task, pack: Pack): Promise<void> {
  const { git, repository, log } = k;
  const [branch = '', saved = ''] = refsOfTask(task);
  const odd = Object.keys(pack.refs).find((name) => name !== branch && !name.startsWith(saved));
  if (odd !== undefined) throw new PortError('terminal', `another machine sent ${odd} for ${task.id}: nothing of it was taken`);
  await admitPack(git, repository, k.places.state, pack);
  const { [branch]: tip = null, ...rest } = pack.refs;
  await moveRefs(git, repository, rest);
  const why = await moveBranch({ git, repository, log }, { task: task.id, branch }, tip);
  if (why !== null) throw new PortError('terminal', why, { hint: 'Bring the commits together, then retry the task.' });
}

/** A branch that a worktree here has checked out stays where it is: its files would not follow. */
async function takeToBegin(k: Kit, pack: Pack, base: string): Promise<void> {
  const { git, repository } = k;
  await admitPack(git, repository, k.places.state, pack);
  const { stdout } = await git(['for-each-ref', '--format=%(refname) %(worktreepath)', 'refs/heads/'], { cwd: repository.root });
  const used = new Set([...utf8(stdout).matchAll(/^(\S+) \/.*$/gm)].map(([, name = '']) => name));
  const free = Object.entries(pack.refs).filter(([name]) => name === `refs/heads/${base}` || !used.has(name));
  await moveRefs(git, repository, Object.fromEntries(free));
  await git(['symbolic-ref', 'HEAD', `refs/heads/${base}`], { cwd: repository.root, settings: 'shared' });
}

async function lastLocal(k: Kit): Promise<number> {
  const patterns = [`refs/heads/${k.options.branchPrefix}local-*`, 'refs/tac8/saved/'];
  const { stdout } = await k.git(['for-each-ref', '--format=%(refname)', ...patterns], { cwd: k.repository.root });
  return Math.max(0, ...[...stdout.matchAll(/(?:^|\/)local-(\d{1,15})(?=[./]|$)/gm)].map(([, number]) => Number(number)));
}

async function list(k: Kit): Promise<TreeSeen[]> {
  const registry = await readRegistry(k.repository);
  const folders = await readdir(k.places.trees).catch(absent<string[]>([]));
  const recorded = registry.flatMap(({ path }) => (path === null ? [] : [path.slice(path.lastIndexOf('/') + 1)]));
  const tasks = [...new Set([...folders, ...recorded])].filter(isTaskId);
  const seen = await together(
    tasks.map(async (task): Promise<TreeSeen[]> => {
      const path = k.places.tree(task);
      const record = await findPlaced(registry, path);
      if (record === null && !folders.includes(task)) return [];
      return [{ task, path, registered: record !== null, branch: record?.branch ?? null, locked: record?.locked ?? null }];
    }),
  );
  return seen.flat();
}
