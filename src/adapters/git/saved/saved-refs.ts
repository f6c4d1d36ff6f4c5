import type { TaskId } from '../../../core/model/task.ts';
import type { Git } from '../call/git.ts';
import { checkedTask } from '../repository/places.ts';
import { type Repository, utf8 } from '../repository/repository.ts';
import type { Embedded } from './embedded.ts';

export const SAVED = 'refs/tac8/saved';
/** What stands in the place of the run in a snapshot that was taken outside of any: of what an earlier one left behind. */
export const OUTSIDE_OF_RUNS = 'w-000000';

/** One snapshot, as it is kept in git. */
export interface Saved {
  readonly ref: string;
  readonly commit: string;
  readonly tree: string;
  /** The first is the commit that the worktree had checked out, if `head` is not null; the others hold what else would be lost. */
  readonly parents: readonly string[];
  readonly task: string;
  readonly run: string;
  readonly n: number;
  /** Milliseconds since the epoch, whole seconds. */
  readonly at: number;
  readonly reason: string;
  readonly head: string | null;
  /** A full ref, or null where HEAD was detached. */
  readonly branch: string | null;
  readonly embedded: readonly Embedded[];
  /** What could not be read then; null: whole. */
  readonly incomplete: string | null;
}

/** What the commit's message says below its first line, one JSON value. */
export interface SavedFacts extends Pick<Saved, 'reason' | 'head' | 'branch' | 'embedded' | 'incomplete'> {
  readonly task: string;
  readonly run: string;
}

export function savedMessage(facts: SavedFacts): string {
  const { task, run, reason } = facts;
  return `Snapshot of ${task} (${run}): ${reason.replaceAll(/\s+/g, ' ').slice(0, 200)}\n\n${JSON.stringify(facts, null, 1)}\n`;
}

const FORMAT = `${['refname', 'objectname', 'tree', 'parent', 'committerdate:unix', 'contents'].map((name) => `%(${name})`).join('%00')}%00%00`;

/** Newest first. Without a task: those of all tasks. */
export async function listSaved(git: Git, repository: Repository, task: TaskId | null): Promise<Saved[]> {
  const below = task === null ? `${SAVED}/` : `${SAVED}/${checkedTask(task)}/`;
  const { stdout } = await git(['for-each-ref', `--format=${FORMAT}`, below], { cwd: repository.root });
  const saved = utf8(stdout).split('\0\0\n').flatMap(parse);
  return saved.sort((a, b) => b.at - a.at || b.n - a.n);
}

function parse(entry: string): Saved[] {
  const [ref, commit, tree, parents, date, message] = entry.split('\0');
  const [task, run, n] = (ref ?? '').slice(SAVED.length + 1).split('/');
  if (commit === undefined || tree === undefined || task === undefined || run === undefined || n === undefined) return [];
  const known = { ref: ref ?? '', commit, tree, task, run, n: Number(n), at: Number(date) * 1000 };
  const ids = (parents ?? '').split(' ').filter((id) => id !== '');
  return [{ ...known, parents: ids, ...factsOf(message ?? '', ids[0] ?? null) }];
}

/** A message that a person changed still leaves a snapshot that can be restored. */
function factsOf(message: string, first: string | null): Omit<SavedFacts, 'task' | 'run'> {
  try {
    const facts = JSON.parse(message.slice(message.indexOf('\n\n'))) as Partial<SavedFacts>;
    const { reason = '', head = first, branch = null, embedded = [], incomplete = null } = facts;
    return { reason, head, branch, embedded, incomplete };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { reason: message.split('\n')[0] ?? '', head: first, branch: null, embedded: [], incomplete: null };
  }
}

export interface Retention {
  /** Snapshots younger than this many days stay. */
  readonly keepDays: number;
  /** So many newest ones of each task stay whatever their age. At least one always does. */
  readonly keepCount: number;
}

/** Which snapshots retention lets go: older than `keepDays` and not among the newest `keepCount` of their task. Pure. */
export function expired(saved: readonly Saved[], retention: Retention, now: number): Saved[] {
  const byTask = Map.groupBy(saved, ({ task }) => task);
  const keep = Math.max(1, retention.keepCount);
  return [...byTask.values()].flatMap((all) =>
    all
      .toSorted((a, b) => b.at - a.at || b.n - a.n)
      .slice(keep)
      .filter(({ at }) => now - at > retention.keepDays * 86_400_000),
  );
}

/** Drops the refs in one transaction, each only if it still is what was seen. Answers the refs dropped. */
export async function dropSaved(git: Git, repository: Repository, saved: readonly Saved[]): Promise<string[]> {
  if (saved.length === 0) return [];
  const input = saved.map(({ ref, commit }) => `delete ${ref}\0${commit}\0`).join('');
  await git(['update-ref', '--stdin', '-z'], { cwd: repository.root, input });
  return saved.map(({ ref }) => ref);
}
