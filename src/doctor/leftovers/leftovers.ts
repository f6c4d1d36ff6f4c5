import type { Kept } from '../../core/household/removals.ts';
import type { Run } from '../../core/model/run.ts';
import { type RunId, stateWords, type Task, type TaskId } from '../../core/model/task.ts';
import type { Misfit } from '../../engine/ports/records/facts.ts';
import { about, type Finding, type Fix } from '../finding/finding.ts';

/** A run found by its processes. */
export interface LiveRun {
  readonly run: RunId;
  readonly task: TaskId | null;
  readonly pid: number;
  readonly members: number;
}

/** What the store knows. */
export interface Known {
  run(id: RunId): Run | null;
  task(id: TaskId): Task | null;
}

/**
 * Live runs and what the store knows of them. One that the daemon would take up is left to it; one that it would leave alone can be ended.
 * `end`: saves the worktree, then ends the tree.
 */
export function judgeRuns(
  live: readonly LiveRun[],
  known: Known,
  hasDaemon: boolean,
  end: (run: LiveRun) => Promise<string>,
): readonly Finding[] {
  const { ok, warn } = about('orphans', 'An unknown worker spends tokens and changes files, and nobody watches it.');
  const start = 'tac8 start takes it up';
  const out: Finding[] = [];
  let watched = 0;
  for (const one of live) {
    const who = `${one.run} of ${one.task ?? 'an unknown task'} (pid ${one.pid}, ${one.members} ${one.members === 1 ? 'process' : 'processes'})`;
    const why = whyNobodys(one, known);
    if (why !== null)
      out.push(
        warn(`${who} runs, though ${why}`, `tac8 doctor --fix, or kill -- -${one.pid}`, {
          what: `save the work of ${one.run} and end it (pid ${one.pid})`,
          apply: () => end(one),
        }),
      );
    else if (hasDaemon) watched += 1;
    else if (known.run(one.run) === null) out.push(warn(`${who} runs, and the database does not know it`, start));
    else out.push(warn(`${who} goes on without a daemon`, start));
  }
  if (out.length > 0) return out;
  return [ok(watched === 0 ? 'no worker runs' : `${watched} ${watched === 1 ? 'worker runs' : 'workers run'}, and the daemon knows`)];
}

/** Why no daemon takes it up; null: one does. */
export function whyNobodys({ run: id, task: taskId }: Pick<LiveRun, 'run' | 'task'>, known: Known): string | null {
  const run = known.run(id);
  if (run !== null) return run.state === 'settled' ? 'its run is over' : null;
  if (taskId === null) return 'nothing tells for which task';
  const task = known.task(taskId);
  return task === null || task.state === 'pending' ? null : `${taskId} is ${stateWords(task.state)}`;
}

/** What `tac8 clean` would take away, and what stands where worktrees are and is nobody's. */
export function judgeTrees(
  removable: readonly string[],
  kept: readonly Kept[],
  foreign: readonly string[],
  hasDaemon: boolean,
): readonly Finding[] {
  const trees = about('worktrees', 'Old worktrees take room; the work in them is saved before they go.');
  const strange = about('foreign-files', 'tac8 leaves alone what it did not make, and nobody else may know of it.');
  const unowned = kept.filter(({ why }) => /no (task|run) of this name/.test(why)).map(({ what }) => what);
  const out: Finding[] = [];
  if (removable.length === 0) out.push(trees.ok('nothing of tac8 is overdue for removal'));
  else if (hasDaemon) out.push(trees.ok(`${removable.length} things may go; the daemon removes them by itself`));
  else out.push(trees.warn(`${removable.length} things may go: ${some(removable)}`, 'tac8 clean --apply'));
  const all = [...unowned, ...foreign];
  out.push(
    all.length === 0
      ? strange.ok('nothing foreign among the worktrees')
      : strange.warn(`nobody’s: ${some(all)}`, 'look at them; remove by hand what is not needed'),
  );
  return out;
}

/** A lock file of git whose owner is gone. `age` in ms. */
export interface StaleLock {
  readonly path: string;
  readonly age: number;
}

/** `gitRuns`: a git process works in the repository, so that its locks are no leftovers. */
export function judgeLocks(
  locks: readonly StaleLock[],
  gitRuns: boolean,
  moveAside: (lock: StaleLock) => Promise<string>,
): readonly Finding[] {
  const { ok, warn, unknown } = about('git-locks', 'A lock that a killed git left behind makes every later git refuse.');
  if (locks.length === 0) return [ok('no lock of git is left over')];
  const minutes = (age: number): string => `${Math.floor(age / 60_000)} minutes old`;
  if (gitRuns) return [unknown(`${locks[0]?.path} is ${minutes(locks[0]?.age ?? 0)}, and a git runs here`, 'look again when it has ended')];
  return locks.map((lock) =>
    warn(`${lock.path} is ${minutes(lock.age)}, and no git runs here`, `rm ${lock.path}`, {
      what: `move ${lock.path} aside`,
      apply: () => moveAside(lock),
    }),
  );
}

const MANY_SAVED = 5_000;

/** Snapshots under refs/tac8/saved. */
export function judgeSaved(saved: readonly { readonly task: string; readonly at: number }[], now: number): readonly Finding[] {
  const { ok, warn } = about('saved-work', 'Snapshots are what `tac8 restore` brings back; very many make git slow.');
  if (saved.length === 0) return [ok('no snapshot yet')];
  const oldest = Math.floor((now - Math.min(...saved.map(({ at }) => at))) / 86_400_000);
  const count = (n: number, word: string): string => `${n} ${word}${n === 1 ? '' : 's'}`;
  const tasks = new Set(saved.map(({ task }) => task)).size;
  const says = `${count(saved.length, 'snapshot')} of ${count(tasks, 'task')}, the oldest ${count(oldest, 'day')} old`;
  return [saved.length > MANY_SAVED ? warn(says, 'lower worktrees.keep_saved in tac8.yaml; git pack-refs --all') : ok(says)];
}

/** The database, read whole. `error` null: it is sound; `setAside` null: it cannot be, a daemon runs. */
export function judgeStore(
  path: string,
  exists: boolean,
  error: { readonly message: string; readonly hint: string } | null,
  setAside: Fix['apply'] | null,
): readonly Finding[] {
  const { ok, bad } = about('database', 'It holds what became of each task and run.');
  if (!exists) return [ok('no database yet: the first start makes it')];
  if (error === null) return [ok(`${path} is whole`)];
  const fix =
    setAside === null || !/damaged|not a database/.test(error.message)
      ? null
      : { what: `move ${path} aside; the next start makes a new one (history and counters stay in the old)`, apply: setAside };
  return [bad(error.message, error.hint, fix)];
}

const NAMED = 5;

/** Of what does not have its shape a fact counts as absent, a task as failed, a run as ended for a reason that nobody knows. */
export function judgeShapes(misfits: readonly Misfit[]): readonly Finding[] {
  if (misfits.length === 0) return [];
  const { warn } = about('database', 'It holds what became of each task and run.');
  const all = misfits.slice(0, NAMED).map(({ what, why }) => `${what} (${why})`);
  const more = misfits.length > NAMED ? ` and ${misfits.length - NAMED} more` : '';
  const hint = 'Another version, or another program, wrote them. `tac8 retry` starts such a task anew; the rest is written anew by itself.';
  return [warn(`not in the shape that this tac8 writes: ${all.join('; ')}${more}`, hint)];
}

/** What the daemon, or its last trace, says of itself. */
export interface DaemonTrace {
  readonly pid: number | null;
  /** Its loop fails with this. */
  readonly trouble: string | null;
  readonly held: string | null;
  readonly problems: readonly string[];
  readonly requests: number;
  readonly alarms: readonly string[];
}

/** `trace.pid` null: no daemon runs, which is no fault. */
export function judgeDaemon({ pid, trouble, held, problems, requests, alarms }: DaemonTrace): readonly Finding[] {
  const daemon = about('daemon', 'Without it nothing starts, and what runs is not watched.');
  const board = about('board', 'A command or an edit does nothing until the daemon takes it in.');
  const checkout = about('main-checkout', 'A worker has no business outside its worktree.');
  const out: Finding[] = [];
  if (trouble !== null)
    out.push(daemon.bad(`the daemon’s loop fails: ${trouble}`, 'tail logs/tac8.log; `tac8 doctor --bundle FILE` for a report'));
  else out.push(daemon.ok(pid === null ? 'no daemon runs (`tac8 start`)' : `daemon ${pid} runs`));
  if (pid === null && requests > 0)
    out.push(daemon.warn(`${requests} ${requests === 1 ? 'command waits' : 'commands wait'} for a daemon`, 'tac8 start'));
  if (held !== null) out.push(board.warn(`an edit of tasks.md is held: ${held}`, 'tac8 board'));
  for (const problem of problems) out.push(board.warn(`tasks.md: ${problem}`, 'tac8 lint'));
  if (alarms.length > 0) out.push(checkout.warn(`changed while workers ran: ${some(alarms)}`, 'git status; git diff'));
  return out;
}

/** `.tac8` holds prompts, homes and the store. `mode`: its permission bits. */
export function judgePrivacy(path: string, mode: number, close: Fix['apply']): readonly Finding[] {
  const { ok, warn } = about('privacy', 'Prompts, agents’ homes and the store are in it.');
  if ((mode & 0o077) === 0) return [ok(`${path} is closed to other users`)];
  return [
    warn(`${path} can be read by other users (mode ${(mode & 0o777).toString(8)})`, `chmod 700 ${path}`, {
      what: `close ${path} to other users`,
      apply: close,
    }),
  ];
}

/** A thing that was in the way, in one of the folders where tac8 puts such things. */
export interface AsideSeen {
  readonly path: string;
  readonly at: number;
}

/** Newest first. A worker without a sandbox can write there, too: a name is shown as far as it is plain. */
export function judgeAside(things: readonly AsideSeen[], folders: readonly string[]): readonly Finding[] {
  const { ok, warn } = about('aside', 'tac8 deletes nothing that stood in its way: it lies there until its owner has looked at it.');
  if (things.length === 0) return [ok('nothing was moved aside')];
  const newest = things.toSorted((one, other) => other.at - one.at).map(({ path }) => plainName(path));
  const count = things.length === 1 ? '1 thing lies' : `${things.length} things lie`;
  const where = folders.length === 1 ? (folders[0] ?? '') : `${folders.slice(0, -1).join(', ')} and ${folders.at(-1)}`;
  return [
    warn(`${count} in ${where}: ${some(newest)}`, 'look at it; remove by hand what is not needed; logs/tac8.log says why each was moved'),
  ];
}

/** No character of it can act on a terminal, or be taken for other words of the finding. */
const plainName = (path: string): string => {
  const name = path.slice(path.lastIndexOf('/') + 1).replaceAll(/[^\w.:@+~-]/g, '?');
  return name.length > 120 ? `${name.slice(0, 120)}…` : name;
};

const some = (names: readonly string[]): string =>
  `${names.slice(0, 3).join(', ')}${names.length > 3 ? ` and ${names.length - 3} more` : ''}`;
