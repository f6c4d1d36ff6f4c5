import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { LogStanding } from '../../core/model/household.ts';
import { isTaskId, type RunId, TASK_ID, type TaskId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Housekeeping } from '../../engine/ports/repository/housekeeping.ts';
import { removeFolder } from '../../files/remove-folder.ts';
import { removeLogOf } from './logs.ts';
import { sizeOf } from './sizes.ts';
import { usersOf, workingDirectories } from './working-directories.ts';

/** What git knows, from the adapter that knows git. */
export interface GitHousehold {
  list(): Promise<readonly { readonly task: TaskId; readonly path: string; readonly locked: string | null }[]>;
  mainChanges(): Promise<readonly string[]>;
  mainUnchangedSince(paths: readonly string[], at: number): Promise<readonly string[]>;
  listSaved(task: null): Promise<readonly { readonly task: string; readonly ref: string; readonly at: number }[]>;
  expireSaved(retention: { readonly keepDays: number; readonly keepCount: number }, now: number): Promise<readonly string[]>;
}

export interface HouseholdOptions {
  readonly git: GitHousehold;
  /** Absolute: `.tac8` and `logs`. */
  readonly state: string;
  readonly logs: string;
  /** Absolute: the folder of worktrees. */
  readonly trees: string;
  /** Files and folders (these with a slash at the end) of our own in the main checkout, from its root, that git may show nevertheless. */
  readonly ours: readonly string[];
}

const DAY = 86_400_000;
/** They are kept between two looks. A checkout with more of them is no place where one more would be noticed. */
const MOST_CHANGES = 2_000;

export function createHousekeeping({ git, state, logs, trees: treesDir, ours }: HouseholdOptions): Housekeeping {
  const isOurs = (path: string): boolean => ours.some((own) => (own.endsWith('/') ? path.startsWith(own) : path === own));
  return {
    async look() {
      const [trees, saved] = await Promise.all([git.list(), git.listSaved(null)]);
      // After the trees were listed: whoever came into one meanwhile is seen.
      const places = trees.length === 0 ? [] : await workingDirectories();
      return {
        trees: await Promise.all(trees.map(async ({ task, path, locked }) => ({ task, path, locked, users: await usersOf(path, places) }))),
        logs: await logsIn(logs),
        runFolders: (await entries(join(state, 'runs'))).flatMap(({ name, modifiedAt }) =>
          isRun(name) ? [{ run: name, modifiedAt }] : [],
        ),
        homes: (await entries(join(state, 'homes'))).flatMap(({ name, modifiedAt }) =>
          isTaskId(name) ? [{ task: name, modifiedAt }] : [],
        ),
        saved: saved.map(({ task, ref, at }) => ({ task, ref, at })),
      };
    },
    mainChanges: async () => {
      const paths = (await git.mainChanges()).filter((path) => !isOurs(path) && !isOfAWrite(path));
      if (paths.length <= MOST_CHANGES) return paths;
      throw new PortError('unknown', `${paths.length} files are changed or new in the main checkout: too many to tell them apart`);
    },
    mainUnchangedSince: (paths, at) => git.mainUnchangedSince(paths, at),
    usersOf: async (path) => usersOf(path, await workingDirectories()),
    sizeOf: async (task) => {
      const name = checkedTask(task);
      return sizeOf([join(treesDir, name), join(state, 'homes', name), join(state, 'git/boxes', name)]);
    },
    removeLog: async (task, run) => removeLogOf(logs, checkedTask(task), checkedRun(run)),
    removeRunFolder: async (run) => removeFolder(join(state, 'runs', checkedRun(run))),
    // The logins in it are links: what they point to stays.
    removeHome: async (task) => removeFolder(join(state, 'homes', checkedTask(task))),
    dropSaved: async (keepFor, now) => (await git.expireSaved({ keepDays: keepFor / DAY, keepCount: 1 }, now)).length,
  };
}

/** For the moment in which the board is written, beside wherever it is. */
function isOfAWrite(path: string): boolean {
  const [name = '', rest = ''] = basename(path).split('.tac8-');
  return name.startsWith('.') && /^\d{1,10}-\d{1,10}(?:-out)?$/.test(rest);
}

const isRun = (name: string): name is RunId => /^w-[0-9a-z]{1,40}$/.test(name);

/** Names become paths that are removed: one that is not of the agreed form goes no further. */
function checkedRun(run: RunId): RunId {
  if (isRun(run)) return run;
  throw new PortError('terminal', `"${run}" is not a run id`);
}

function checkedTask(task: TaskId): TaskId {
  if (isTaskId(task)) return task;
  throw new PortError('terminal', `"${String(task)}" is not a task id`);
}

/** A folder that is not there is empty; one that cannot be read is an error. */
async function entries(folder: string): Promise<{ readonly name: string; readonly modifiedAt: number; readonly bytes: number }[]> {
  const names = await readdir(folder).catch(missing<string[]>([]));
  const all = await Promise.all(
    names.map(async (name) => {
      const found = await stat(join(folder, name)).catch(missing(null));
      return found === null ? [] : [{ name, modifiedAt: Math.round(found.mtimeMs), bytes: found.size }];
    }),
  );
  return all.flat();
}

function missing<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT') return value;
    throw new PortError('unknown', `${error.path ?? 'a folder'} cannot be read: ${error.code ?? error.message}`, { cause: error });
  };
}

/** What of a run is among the logs: its log, and what stands beside it. */
const LOG = new RegExp(`^(${TASK_ID})\\.(w-[0-9a-z]+)\\.`);

async function logsIn(folder: string): Promise<LogStanding[]> {
  const found = new Map<string, LogStanding>();
  for (const { name, modifiedAt, bytes } of await entries(folder)) {
    const [, task = '', run = ''] = LOG.exec(name) ?? [];
    if (!isTaskId(task) || !isRun(run)) continue;
    const before = found.get(run);
    const sum = { bytes: bytes + (before?.bytes ?? 0), modifiedAt: Math.max(modifiedAt, before?.modifiedAt ?? 0) };
    found.set(run, { task, run, ...sum });
  }
  return [...found.values()];
}
