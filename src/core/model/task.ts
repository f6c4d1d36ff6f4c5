import type { Money } from '../agent/spend.ts';
import type { Failure } from './failure.ts';
import type { Ms } from './seen.ts';

/** `gh-N` for an issue, `local-N` for a line that a person wrote without a number; `gh-N.codex` for one of several attempts at it side by side. */
export type TaskId = RootId | `${RootId}.${string}`;
/** What is asked for, whoever works on it. */
export type RootId = `gh-${number}` | `local-${number}`;
/** 0 is the most urgent. Lines without `{pN}` have 2. */
export type Priority = 0 | 1 | 2 | 3;
export const DEFAULT_PRIORITY: Priority = 2;
/** `w-` and six hex digits, drawn anew for each run. */
export type RunId = `w-${string}`;

export interface PullRef {
  readonly number: number;
  readonly url: string;
  /** Left out: it was open when the work was handed over. */
  readonly state?: 'merged' | 'closed';
  /** It was opened, or found, as a draft. */
  readonly draft?: true;
}

/** Tokens of every kind, and dollars. */
export interface Spent extends Money {
  readonly tokens: number;
}

export interface Approval {
  /** See Issue.print. */
  readonly print: string;
  readonly at: Ms;
}

/** Several attempts side by side, each a task of its own. */
export interface Race {
  /** In the order of the setting. */
  readonly racers: readonly TaskId[];
  /** It has begun just now: those that there were before are still to be looked up, and to enter it. */
  readonly entering?: true;
  /** Whose work is delivered; none: it is not chosen yet. */
  readonly winner?: TaskId;
  /** What was compared, once the winner is chosen. */
  readonly why?: string;
  /** What the task had used before without these racers, now and over all its life; none: nothing. */
  readonly before?: { readonly spent: Spent; readonly spentInAll: Spent };
}

export interface Waiting {
  readonly on: string;
  readonly since: Ms;
}

export interface Heard {
  /** Keys of calls, the newest last. */
  readonly calls: readonly string[];
  readonly alone: number;
}

export interface TaskFacts {
  readonly id: TaskId;
  readonly title: string;
  readonly priority: Priority;
  /** The issue's labels as last seen; none for a local task. */
  readonly labels: readonly string[];
  readonly addedAt: Ms;
  /** Who wants it: the label on its issue (taking it off cancels), or a person's line or command. */
  readonly armedBy: 'label' | 'person';
  /** A person's order within one priority, smaller first; null: by age. */
  readonly order: number | null;
  /** The branch of every run of this task; follows from the id and the configured prefix. */
  readonly branch: string;
  /** Attempts used up since the task was last armed (a usage limit or an interruption uses none). */
  readonly attempts: number;
  /** Runs ever started. */
  readonly runs: number;
  readonly pull: PullRef | null;
  readonly pausedAt: Ms | null;
  /** The issue's text that the label was put on, and when that was; none: a person asked for the task, whatever the text says by then. */
  readonly approved?: Approval;
  /** The open issues that it waits for, in words, and since when it waits for any; none: for none that is known. */
  readonly waits?: Waiting;
  /** What its ended runs have used since it was last armed afresh; none: nothing. */
  readonly spent?: Spent;
  /** What all its ended runs have used, which no limit asks; none: as much as `spent`. */
  readonly spentInAll?: Spent;
  /** How often work on its open pull was taken up again: the task counts as completed once, however many there were. None: never. */
  readonly rounds?: number;
  /** What was said of its open pull and a round was begun for, and how many of the last rounds no person asked for. None: nothing yet. */
  readonly heard?: Heard;
  /** When a person or the label last armed it again; none: never, or an earlier version did. */
  readonly armedAt?: Ms;
  /** When the label armed it again, the last few times; none: never. */
  readonly labelled?: readonly Ms[];
  /** The agent that a person named for it; none: as the routes say. */
  readonly agent?: string;
  /** Files and folders that its issue names, where a route asks for such. */
  readonly paths?: readonly string[];
  /** It waits for its racers, then is what the winner made of it. None: it has runs of its own. */
  readonly race?: Race;
  /** A branch of its earlier work that a person wants no more: it is saved and goes as the next run gets its worktree. */
  readonly drops?: string;
  /** Rises by one with every stored change; a writer that names an older one loses. */
  readonly version: number;
}

/** How the life of a followed pull ended; `unfollowed`: nobody looks at it any more. */
export interface PullOver {
  readonly at: Ms;
  readonly how: 'merged' | 'closed' | 'unfollowed';
}

/** How the next run goes on where an earlier one ended, instead of from nothing. */
export interface Resume {
  /** The run whose conversation is taken up. */
  readonly run: RunId;
  /** The agent's own name of that conversation. */
  readonly session: string;
  /** The kind of agent that led it; left out by an earlier version. */
  readonly kind?: string;
  /** What the agent is told first. */
  readonly message: string;
  /** The failure that the earlier run ended with; null when a person asked for it. */
  readonly because: Failure['type'] | null;
  /** Why its last commit was refused; none: it was not. */
  readonly refused?: string;
}

/*
 *            start                 end: done
 *  pending ────────▶ active ─────────────────────▶ completed ◀─┐ pull merged or closed
 *     ▲                │  │ └─ end: done, pull open ──▶ review ─┤
 *     │  again (retry  │  ├─ end: failed for good ──▶ failed ──┐
 *     │  at a time)    │  └─ end: asks a person ────▶ blocked ─┤
 *     ├────────────────┘                                        │
 *     └──────────── retry · answer · re-arm · round ◀───────────┘
 *  A pull that is opened again after it was closed takes its task from completed back to review.
 */
export type TaskState =
  | { readonly state: 'pending'; readonly retryAt: Ms | null; readonly last: Failure | null; readonly resume: Resume | null }
  | {
      readonly state: 'active';
      readonly run: RunId;
      readonly startedAt: Ms /** what the attempt before met */;
      readonly last: Failure | null;
    }
  /** The work is done and its pull is open. `at`: since when. */
  | { readonly state: 'review'; readonly run: RunId; readonly at: Ms; readonly commit: string | null }
  /** `at`: when the work was done. `over`: what became of the pull that was followed; none: it was not. */
  | { readonly state: 'completed'; readonly run: RunId; readonly at: Ms; readonly commit: string | null; readonly over?: PullOver }
  | { readonly state: 'failed'; readonly run: RunId | null; readonly at: Ms; readonly failure: Failure }
  | { readonly state: 'blocked'; readonly run: RunId; readonly at: Ms; readonly question: string };

export type Task = TaskFacts & TaskState;
export type TaskIn<S extends Task['state']> = Extract<Task, { state: S }>;
/** How many there are in each state; `review` only where there are any. */
export type TaskCounts = Readonly<Record<Exclude<Task['state'], 'review'>, number> & { review?: number }>;

/** Its work is done, whatever becomes of the pull. */
export const isDone = (task: Task): task is TaskIn<'completed' | 'review'> => task.state === 'completed' || task.state === 'review';
/** For "it is …". */
export const stateWords = (state: Task['state']): string => (state === 'review' ? 'in review' : state);

/** Names of racers stand in names of branches, folders and logs: none reads as a run, as words of a branch or as an ending of a file. */
export const RACER = '(?!(?:raw|lock|jsonl)(?![a-z0-9_]))[a-z][a-z0-9_]{0,39}';
const ROOT = '(?:gh|local)-[1-9]\\d{0,14}';
/** The form of a task's id, without anything around it. */
export const TASK_ID = `${ROOT}(?:\\.${RACER})?`;
const TASK = new RegExp(`^${TASK_ID}$`);
const RACER_NAME = new RegExp(`^${RACER}$`);

export const isTaskId = (text: string): text is TaskId => TASK.test(text);
/** Whether attempts may bear this name. */
export const isRacerName = (text: string): boolean => RACER_NAME.test(text.replaceAll('-', '_'));
/** The issue's number, or null for a local task. */
export const issueNumber = (id: TaskId): number | null => (id.startsWith('gh-') ? Number.parseInt(id.slice(3), 10) : null);
/** The number of a local task, or null for an issue. */
export const localNumber = (id: TaskId): number | null => (id.startsWith('local-') ? Number.parseInt(id.slice(6), 10) : null);

/** As short as people type it: `12`, `12.codex`, `local-1`. */
export const shortId = (id: TaskId): string => (id.startsWith('gh-') ? id.slice(3) : id);

/** The task under which it was asked for: its own id, or of a racer the one that races. */
export const rootOf = (id: TaskId): RootId => (id.includes('.') ? id.slice(0, id.indexOf('.')) : id) as RootId;
/** Whose branch, worktree and snapshots hold the task's work: of several attempts the chosen one's. */
export const bearerOf = (id: TaskId, task: Pick<Task, 'race'> | null): TaskId => task?.race?.winner ?? id;
export const isRacer = (id: TaskId): boolean => id.includes('.');
/** An agent's name may have dashes, which stand in branches before what is no name. */
export const racerId = (root: TaskId, name: string): TaskId => `${rootOf(root)}.${name.replaceAll('-', '_')}`;
/** The agent that a racer is; null: it is no racer. */
export const racerName = (id: TaskId): string | null => (isRacer(id) ? id.slice(id.indexOf('.') + 1).replaceAll('_', '-') : null);

/** What a task waits for that several attempts are made at. */
export const raceWords = ({ racers, winner }: Race): string =>
  winner === undefined ? `attempts side by side: ${racers.join(', ')}` : `${winner} was chosen of ${racers.length} attempts`;

const LOG = new RegExp(`^(${TASK_ID})\\.(?:(w-[0-9a-zA-Z]+)\\.)?(?:raw\\.)?jsonl$`);
/** Whose log a file of that name is, and of which run; null: it is none. */
export function readLogName(name: string): { readonly task: TaskId; readonly run: RunId | null } | null {
  const [, task, run = null] = LOG.exec(name) ?? [];
  return task === undefined ? null : { task: task as TaskId, run: run as RunId | null };
}

/** The highest number of a local task that a text names; 0 where it names none. */
export const lastLocalIn = (text: string): number =>
  Math.max(0, ...[...text.matchAll(/\blocal-(\d{1,15})\b/g)].map(([, number]) => Number(number)));

/** Enough of a task to save, restore and remove the work of one that the store does not know. */
export function unknownTask(id: TaskId, branchPrefix: string): Task {
  const facts = { id, title: id, priority: 2, labels: [], addedAt: 0, armedBy: 'person', order: null } as const;
  const none = { attempts: 0, runs: 0, pull: null, pausedAt: null, version: 0 } as const;
  return { ...facts, ...none, branch: `${branchPrefix}${id}`, state: 'pending', retryAt: null, last: null, resume: null };
}

/** `auto/gh-12`, or `auto/gh-12-add-dark-mode`: the template begins with `{task}`, so that whose branch it is can be read from it. */
export const branchOf = (prefix: string, template: string, id: TaskId, title: string): string =>
  `${prefix}${template.replace('{task}', id).replaceAll('-{title}', slugOf(title))}`;

const SLUG = 40;

/** Words of a title that any file system and any remote takes; it begins with a letter, since a number would be that of the branch. */
function slugOf(title: string): string {
  const words = title
    .normalize('NFKD')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  const first = words.findIndex((word) => /^[a-z]/.test(word));
  let slug = '';
  for (const word of first < 0 ? [] : words.slice(first)) if (slug.length + word.length < SLUG) slug += `-${word}`;
  return slug;
}

const BRANCH = new RegExp(`^((?:.*/)?(${TASK_ID}))(?:-([2-9]|[1-9]\\d{1,3}))?(-[a-z][a-z0-9-]*)?$`);

/** Whose branch this is, and its number among that task’s branches: `auto/gh-12`, later `auto/gh-12-2`. Null: it is nobody's. */
export function readBranch(
  branch: string,
): { readonly stem: string; readonly task: TaskId; readonly nth: number; readonly words: string } | null {
  const found = BRANCH.exec(branch);
  const [, stem, task, nth, words = ''] = found ?? [];
  return stem === undefined || task === undefined ? null : { stem, task: task as TaskId, nth: nth === undefined ? 1 : Number(nth), words };
}

/** Of a task whose pull is over: what comes next is another piece of work. */
export function branchAfter(branch: string): string {
  const read = readBranch(branch);
  return read === null ? `${branch}-2` : `${read.stem}-${read.nth + 1}${read.words}`;
}
