import { lstatSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TaskId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import { writeWhole } from '../../../files/write-whole.ts';
import { createGit, type Git } from '../call/git.ts';
import { oneAtATime } from '../call/one-at-a-time.ts';
import { takenRef } from '../packs/onto-branch.ts';
import { fileTime, type Places, placesOf } from '../repository/places.ts';
import { lookFor } from '../repository/position.ts';
import type { Registered } from '../repository/registry.ts';
import { openRepository, type Repository, readRef } from '../repository/repository.ts';
import { absent, kindOf, moveAside, readPlainText } from '../view/files.ts';
import { makePrivate, objectPlaces } from './make.ts';
import type { ReadInBox } from './script.ts';
import { takeOver } from './take.ts';

export type { ReadInBox } from './script.ts';

/** What a box shows of git: a folder of its own in the place of the repository's, and the objects that it borrows from. */
export interface PrivateView {
  readonly write: { readonly from: string; readonly to: string };
  readonly read: readonly { readonly from: string; readonly to: string }[];
}

/**
 * A folder of git for each worker in a box. The repository's own is never written from a box: what a worker commits is taken over, checked, by the
 * daemon, while it works and before anything is done with its worktree.
 */
export interface PrivateGit {
  /**
   * For a box that is about to start in this worktree; null: it is none. `beside`: another box of the task may be at work, which goes on with
   * the same folder. Else it is made anew from what the repository has now.
   */
  open(task: TaskId, tree: string, beside: boolean): Promise<PrivateView | null>;
  /** Brings what a worker has done into the repository, if it did something since; `force`: whatever it looks like. */
  take(task: TaskId, force: boolean): Promise<void>;
  /** The same, beside the caller, if something has changed; `busy` keeps it from meeting other work in the worktree. */
  follow(task: TaskId, busy: (work: () => Promise<void>) => Promise<void>): void;
  /** The worktree is gone. */
  drop(task: TaskId): Promise<void>;
}

export interface PrivateOptions {
  readonly root: string;
  readonly dir: string;
  readonly stateDir?: string;
  readonly branchPrefix: string;
  readonly filters?: readonly string[];
  readonly gitTimeoutMs: () => number;
  readonly read: ReadInBox;
  readonly log?: () => Log;
}

/** What is remembered of one, outside of every box. */
interface Record {
  readonly adminDir: string;
  readonly branch: string;
  readonly given: readonly (readonly [string, string])[];
  /** Of the folder when it was taken over last. */
  readonly print: string;
}

const NOBODY: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

export function createPrivateGit(options: PrivateOptions): PrivateGit {
  const log = options.log ?? (() => NOBODY);
  const places: Places = placesOf(options.root, options.dir, options.stateDir ?? '.tac8');
  const git: Git = createGit({
    cwd: options.root,
    stateDir: places.state,
    timeoutMs: options.gitTimeoutMs,
    filters: options.filters ?? [],
  });
  const folder = join(places.state, 'git', 'boxes');
  const placeOf = places.boxed;
  const recordOf = (task: TaskId): string => `${placeOf(task)}.json`;
  const known = new Map<TaskId, Record | null>();
  const following = new Set<TaskId>();
  let opened: Promise<Repository> | null = null;
  const repository = (): Promise<Repository> => {
    opened ??= openRepository(git, options.root).catch((error: unknown) => {
      opened = null;
      throw error;
    });
    return opened;
  };
  const alone = <T>(task: TaskId, work: () => Promise<T>): Promise<T> => oneAtATime(`box ${placeOf(task)}`, work);

  async function remembered(task: TaskId): Promise<Record | null> {
    const text = await readPlainText(recordOf(task)).catch(absent(null));
    return text === null ? null : (JSON.parse(text) as Record);
  }

  async function remember(task: TaskId, record: Record): Promise<void> {
    await writeWhole(recordOf(task), JSON.stringify(record));
    known.set(task, record);
  }

  async function registered(tree: string): Promise<(Registered & { readonly path: string }) | null> {
    const position = await lookFor(await repository(), tree);
    if (position.kind !== 'ready' && position.kind !== 'unlinked') return null;
    return { ...position.record, path: tree };
  }

  /** `force`: what leaves no trace in the files that are looked at, too. */
  async function takeNow(task: TaskId, force: boolean): Promise<void> {
    const record = await remembered(task);
    if (record === null) return;
    const place = placeOf(task);
    const print = printOf(place, record);
    if (print === null || (print === record.print && !force)) return void known.set(task, record);
    const tree = await registered(places.tree(task));
    if (tree === null || tree.adminDir !== record.adminDir) return;
    const parts = { git, repository: await repository(), places, read: options.read, timeoutMs: options.gitTimeoutMs, log: log() };
    const what = { task, branch: record.branch, record: tree, place, given: new Map(record.given), known: print === record.print };
    const refused = await takeOver(parts, what);
    if (refused !== null) log().warn(`what a worker did in git was not taken over: ${refused}`, { task });
    await remember(task, { ...record, print });
  }

  async function makeNow(task: TaskId, record: Registered & { readonly path: string }): Promise<void> {
    const { path: tree } = record;
    const { branch } = record;
    if (branch === null || !branch.startsWith(`refs/heads/${options.branchPrefix}`)) {
      throw new PortError('terminal', `${tree} has ${branch ?? 'no branch'} checked out, which is none of tac8's: no box is made for it`, {
        hint: `Check the task's branch out in it.`,
      });
    }
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const place = placeOf(task);
    const there = await kindOf(place);
    if (there !== 'missing' && there !== 'folder') await moveAside(place, places.aside, `${task}-box-${fileTime()}`);
    const here = await repository();
    const { refs, asked } = await makePrivate(git, here, record, place, takenRef(task));
    const tip = refs.get(branch);
    // Where nothing was taken over yet, what it begins with is remembered below.
    if (tip !== undefined && asked !== null && asked !== tip) await git(['update-ref', takenRef(task), tip], { cwd: here.root });
    const made = { adminDir: record.adminDir, branch, given: [...refs], print: '' };
    await remember(task, { ...made, print: printOf(place, made) ?? '' });
  }

  return {
    async open(task, tree, beside) {
      const record = await registered(tree);
      if (record === null) return null;
      return alone(task, async () => {
        if (!beside || (await kindOf(placeOf(task))) !== 'folder') {
          if (tree === places.tree(task)) await takeNow(task, true);
          // Where it stands may have been taken over just now.
          await makeNow(task, (await registered(tree)) ?? record);
        }
        const { commonDir } = await repository();
        return { write: { from: placeOf(task), to: commonDir }, read: await objectPlaces(commonDir) };
      });
    },
    take: (task, force) => alone(task, () => takeNow(task, force)),
    follow(task, busy) {
      const record = known.get(task);
      if (following.has(task) || record === null) return;
      if (record !== undefined && printOf(placeOf(task), record) === record.print) return;
      following.add(task);
      const work = async (): Promise<void> => {
        await alone(task, () => takeNow(task, false));
        if (!known.has(task)) known.set(task, null);
      };
      busy(work)
        .catch((error: unknown) => log().warn(`a worker's commits are taken over later: ${String(error)}`, { task }))
        .finally(() => following.delete(task));
    },
    drop: (task) =>
      alone(task, async () => {
        known.delete(task);
        if ((await remembered(task)) === null) return;
        const here = await repository();
        if ((await readRef(git, here, takenRef(task))) !== null) await git(['update-ref', '-d', takenRef(task)], { cwd: here.root });
        await rm(recordOf(task), { force: true });
        await removeFolder(placeOf(task));
      }),
  };
}

/** Files of git that a commit, a switch, a new branch or a stash changes. No link is followed at their end; null: it is gone. */
function printOf(place: string, { adminDir, branch }: Pick<Record, 'adminDir' | 'branch'>): string | null {
  const own = join('worktrees', basename(adminDir));
  const names = [
    `${own}/HEAD`,
    `${own}/index`,
    `${own}/logs/HEAD`,
    branch,
    'packed-refs',
    'refs/heads',
    'refs/tags',
    'refs/stash',
    'logs/refs/stash',
  ];
  const look = (path: string): string => {
    try {
      const found = lstatSync(path, { bigint: true });
      return `${found.ino} ${found.size} ${found.mtimeNs} ${found.ctimeNs}`;
    } catch {
      return '-';
    }
  };
  return look(place) === '-' ? null : names.map((name) => look(join(place, name))).join();
}
