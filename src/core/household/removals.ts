import type { Household, Owners, Removal, TreeStanding } from '../model/household.ts';
import type { Ms } from '../model/seen.ts';
import type { RunId, Task, TaskId, TaskIn } from '../model/task.ts';
import type { Keep } from '../tick/policy.ts';

/** What stays, and why: for a person who wonders. */
export interface Kept {
  readonly what: string;
  readonly why: string;
}

export interface Judgement {
  readonly remove: readonly Removal[];
  readonly keep: readonly Kept[];
}

type Verdict = { readonly remove: string } | { readonly keep: string };

/**
 * What may go, and why. The same for the daemon, for the preview and for what a person applies. Whatever is not known for certain stays.
 * `emergency`: after many worktree errors, everything goes that no live or resumable task owns, however young.
 */
export function judgeHousehold(household: Household, owners: Owners, keep: Keep, emergency: boolean, now: Ms): Judgement {
  const remove: Removal[] = [];
  const kept: Kept[] = [];
  const take = (verdict: Verdict, what: string, removal: (why: string) => Removal): void => {
    if ('remove' in verdict) remove.push(removal(verdict.remove));
    else kept.push({ what, why: verdict.keep });
  };
  for (const tree of household.trees) {
    const { task, path } = tree;
    take(judgeTree(tree, owners, keep, emergency, now), path, (why) => ({ kind: 'remove-tree', task, path, why }));
  }
  for (const { task, run, bytes, modifiedAt } of household.logs) {
    const verdict = judgeRun(run, owners.tasks.get(task), owners, modifiedAt, keep.logs, now);
    take(verdict, `log of ${task} ${run}`, (why) => ({ kind: 'remove-log', task, run, bytes, why }));
  }
  for (const { run, modifiedAt } of household.runFolders) {
    const task = owners.runs.get(run)?.task;
    if (task === undefined) kept.push({ what: `folder of ${run}`, why: 'no run of this name is known' });
    else {
      const verdict = judgeRun(run, owners.tasks.get(task), owners, modifiedAt, keep.logs, now);
      take(verdict, `folder of ${run}`, (why) => ({ kind: 'remove-run-folder', task, run, why }));
    }
  }
  for (const { task } of household.homes) {
    take(judgeEnd(owners.tasks.get(task), 0, keep.logs, now), `home of ${task}`, (why) => ({ kind: 'remove-home', task, why }));
  }
  const refs = staleRefs(household, keep.saved, now);
  if (refs.length > 0) remove.push({ kind: 'drop-saved', refs, why: `older than ${span(keep.saved)}, and the task has newer ones` });
  return { remove, keep: kept };
}

function judgeTree({ task: id, locked, users }: TreeStanding, owners: Owners, keep: Keep, emergency: boolean, now: Ms): Verdict {
  const task = owners.tasks.get(id);
  if (users.length > 0) return { keep: `process ${users.slice(0, 3).join(', ')} works in it` };
  if (locked !== null) return { keep: `locked: ${locked || 'no reason given'}` };
  if (task === undefined) return { keep: 'tac8 has not looked up whose it is' };
  if (task === null) return emergency ? { remove: 'no task of this name is known' } : { keep: 'no task of this name is known' };
  if (isOpen(task)) return { keep: `the task is ${task.state}` };
  if (hasLiveRun(id, owners)) return { keep: 'its last run is not settled' };
  if (task.state === 'review') return { keep: `in review: pull #${task.pull?.number ?? ''} is open` };
  if (task.state === 'completed') {
    const ended = endOf(task);
    const left = ended + keep.completed - now;
    if (left <= 0) return { remove: `completed ${span(now - ended)} ago` };
    return emergency ? { remove: 'completed, and worktrees fail' } : { keep: `completed; stays for ${span(left)} more` };
  }
  if (isResumable(task)) return { keep: `failed: ${task.failure.type}; \`tac8 retry --continue\` goes on in it` };
  return emergency ? { remove: `failed: ${task.failure.type}` } : { keep: `failed: ${task.failure.type}` };
}

/** A failed task can be gone on with in its worktree, but for one that a person took away or that never had a run. */
const isResumable = (task: Extract<Task, { state: 'failed' }>): boolean => task.run !== null && task.failure.type !== 'cancelled';

/** A task whose pull was followed ends with the pull. */
const endOf = (task: TaskIn<'completed' | 'failed'>): Ms => (task.state === 'completed' ? (task.over?.at ?? task.at) : task.at);

const isOpen = (task: Task): task is Extract<Task, { state: 'pending' | 'active' | 'blocked' }> =>
  task.state === 'pending' || task.state === 'active' || task.state === 'blocked';

const hasLiveRun = (task: TaskId, { runs }: Owners): boolean =>
  [...runs.values()].some((run) => run?.task === task && run.state !== 'settled');

/** A log or a run folder: never while the run is not settled. */
function judgeRun(id: RunId, task: Task | null | undefined, owners: Owners, modifiedAt: Ms, keepFor: Ms, now: Ms): Verdict {
  const run = owners.runs.get(id);
  if (run === undefined) return { keep: 'tac8 has not looked up whose it is' };
  if (run !== null && run.state !== 'settled') return { keep: `the run is ${run.state}` };
  // A log without a run in the store (the store is younger than it) goes by its own age.
  if (run === null && task === null) return byAge(modifiedAt, keepFor, now, 'last written');
  return judgeEnd(task, modifiedAt, keepFor, now);
}

/** What belongs to an ended task: so long after its end, and after it was last written to. */
function judgeEnd(task: Task | null | undefined, modifiedAt: Ms, keepFor: Ms, now: Ms): Verdict {
  if (task === undefined || task === null) return { keep: 'no task of this name is known' };
  if (isOpen(task)) return { keep: `the task is ${task.state}` };
  if (task.state === 'review') return { keep: 'the task is in review' };
  return byAge(Math.max(endOf(task), modifiedAt), keepFor, now, task.state);
}

function byAge(since: Ms, keepFor: Ms, now: Ms, word: string): Verdict {
  const age = now - since;
  return age >= keepFor
    ? { remove: `${word} ${span(age)} ago` }
    : { keep: `${word} ${span(age)} ago; stays for ${span(keepFor - age)} more` };
}

/** The same rule as the retention of snapshots has: by age, and never the newest of a task. */
function staleRefs({ saved }: Household, keepFor: Ms, now: Ms): string[] {
  const newest = new Map<string, Ms>();
  for (const { task, at } of saved) newest.set(task, Math.max(at, newest.get(task) ?? 0));
  const spared = new Set<string>();
  return saved
    .filter(({ task, at }) => {
      if (at !== newest.get(task) || spared.has(task)) return now - at > keepFor;
      spared.add(task);
      return false;
    })
    .map(({ ref }) => ref);
}

/** `40 s`, `3 m`, `5 h`, `12 d`. */
export function span(ms: Ms): string {
  const minutes = Math.round(Math.max(0, ms) / 60_000);
  if (minutes < 1) return `${Math.round(Math.max(0, ms) / 1000)} s`;
  if (minutes < 120) return `${minutes} m`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}
