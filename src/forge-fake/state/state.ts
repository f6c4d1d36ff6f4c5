import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** Roles from least to most; the order is what permission checks compare. */
export const ROLES = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export interface User {
  readonly id: number;
  readonly login: string;
  readonly type: 'User' | 'Organization' | 'Bot';
  role: Role;
  /** A custom role's own name; `role` is then the one it inherits from. */
  roleName: string | null;
  tokens: string[];
  readonly createdAt: string;
}

export interface Label {
  readonly id: number;
  readonly name: string;
  readonly color: string;
  readonly description: string | null;
}

export interface PullFacts {
  readonly id: number;
  readonly head: { owner: string; readonly ref: string; sha: string };
  readonly base: { ref: string; sha: string };
  draft: boolean;
  mergedAt: string | null;
  mergedBy: string | null;
  mergeCommit: string | null;
  /** Null until somebody asked once, as on GitHub, where it is computed in the background. */
  mergeable: boolean | null;
  /** Who asked that it is merged as soon as the rules let it, and how; absent or null: nobody. */
  autoMerge?: { readonly by: string; readonly method: MergeMethod } | null;
  /** Who put it into the merge queue; absent: it is not in it. */
  queuedBy?: string;
}

export type MergeMethod = 'merge' | 'squash' | 'rebase';

/** What the default branch asks of a pull, and whether a pull may wait for it to be merged by itself. */
export interface Rules {
  readonly autoMerge: boolean;
  /** Approving reviews by people who may write. */
  readonly approvals: number;
  /** Names of check runs that have to be green. */
  readonly checks: readonly string[];
  /** Nobody merges by hand: pulls go through a merge queue. `held`: it lets none through for now. */
  readonly queue?: 'open' | 'held';
  /** The branch takes no merge commits. */
  readonly linear?: true;
  /** An Enterprise Server looks at pushes by hooks of its own. */
  readonly hooks?: true;
}

/** An issue, or a pull: on GitHub every pull is an issue too. */
export interface Issue {
  readonly id: number;
  readonly number: number;
  title: string;
  body: string | null;
  readonly author: string;
  labels: string[];
  state: 'open' | 'closed';
  stateReason: 'completed' | 'reopened' | 'not_planned' | 'duplicate' | null;
  readonly createdAt: string;
  updatedAt: string;
  closedAt: string | null;
  closedBy: string | null;
  readonly pull: PullFacts | null;
  assignees?: readonly string[];
  locked?: boolean;
  milestone?: string | null;
  /** Of a pull: logins, and slugs of teams. */
  reviewers?: readonly string[];
  teams?: readonly string[];
  /** Edits of its text, oldest first; left out: none. */
  edits?: readonly { readonly by: string; readonly at: string }[];
}

/** An issue of another repository, as far as one of ours may depend on it. */
export interface Elsewhere {
  readonly id: number;
  /** `owner/name`. */
  readonly repo: string;
  readonly number: number;
  state: 'open' | 'closed';
}

export interface Dependency {
  /** The number of the issue that is blocked. */
  readonly issue: number;
  /** The id of the one that blocks it, here or elsewhere. */
  readonly by: number;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly author: string;
  body: string;
  readonly createdAt: string;
  updatedAt: string;
  reactions?: readonly { readonly id: number; readonly user: string; readonly content: string; readonly createdAt: string }[];
}

export type EventName =
  | 'labeled'
  | 'unlabeled'
  | 'closed'
  | 'reopened'
  | 'renamed'
  | 'merged'
  | 'head_ref_deleted'
  | 'base_ref_deleted'
  | 'automatic_base_change_succeeded'
  | 'ready_for_review'
  | 'added_to_merge_queue'
  | 'removed_from_merge_queue'
  | 'auto_merge_enabled'
  | 'auto_merge_disabled';
export interface IssueEvent {
  readonly id: number;
  readonly issue: number;
  readonly actor: string;
  readonly event: EventName;
  readonly createdAt: string;
  readonly label?: { readonly name: string; readonly color: string };
  readonly rename?: { readonly from: string; readonly to: string };
  readonly stateReason?: string | null;
  readonly commit?: string;
  /** Why a merge queue let it go, or auto-merge was switched off. */
  readonly reason?: string;
}

export interface CommitStatus {
  readonly id: number;
  readonly sha: string;
  readonly state: 'error' | 'failure' | 'pending' | 'success';
  readonly context: string;
  readonly description: string | null;
  readonly targetUrl: string | null;
  readonly creator: string;
  readonly createdAt: string;
}

export const PHASES = ['queued', 'in_progress', 'completed', 'waiting', 'requested', 'pending'] as const;
export const CONCLUSIONS = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required'] as const;

export interface CheckRun {
  readonly id: number;
  readonly sha: string;
  readonly name: string;
  readonly status: (typeof PHASES)[number];
  readonly conclusion: (typeof CONCLUSIONS)[number] | null;
  readonly title: string | null;
  readonly summary: string | null;
  readonly startedAt: string;
  /** What a build of GitHub's own wrote; none: it is somebody else's. */
  readonly log?: string;
}

export const VERDICTS = ['APPROVED', 'CHANGES_REQUESTED', 'COMMENTED'] as const;

export interface Review {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  readonly state: (typeof VERDICTS)[number];
  readonly body: string;
  /** The head that it is about. */
  readonly commit: string;
  readonly submittedAt: string;
  readonly notes: readonly { readonly id: number; readonly path: string; readonly line: number; readonly body: string }[];
}

/** A GitHub App of this repository's owner. */
export interface App {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly url: string;
  readonly setupUrl: string | null;
  readonly publicKey: string;
  readonly webhookSecret: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** For its key; null: that was taken. */
  code: string | null;
  pem: string | null;
  readonly createdAt: string;
  installation: { readonly id: number; permissions: Readonly<Record<string, string>>; readonly createdAt: string } | null;
  tokens: readonly { readonly token: string; readonly expiresAt: string; readonly permissions: Readonly<Record<string, string>> }[];
}

export interface State {
  readonly version: 1;
  nextId: number;
  nextNumber: number;
  repo: {
    readonly id: number;
    owner: string;
    name: string;
    readonly private: boolean;
    readonly defaultBranch: string;
    readonly createdAt: string;
    pushedAt: string;
    /** `owner/name` it had before; requests for them are redirected. */
    /** Absent: nothing is asked, and no pull is merged by itself. */
    rules?: Rules;
    formerNames: string[];
    /** Owners of forks; each has a bare repository of its own. */
    forks: string[];
  };
  users: User[];
  labels: Label[];
  issues: Issue[];
  comments: Comment[];
  events: IssueEvent[];
  statuses: CommitStatus[];
  checkRuns: CheckRun[];
  reviews: Review[];
  dependencies: Dependency[];
  elsewhere: Elsewhere[];
  /** Absent: nobody made one. */
  apps?: App[];
}

export interface StateStore {
  readonly state: State;
  /** Says that something changed; it is written soon, and at the latest by `flush`. */
  touch(): void;
  /** Durable against a crash of this process when it returns. */
  flush(): void;
}

/** Opens the state kept in `file`, or starts one with `fresh`. The file is replaced by rename: a crash leaves the old or the new one, whole. */
export function openState(file: string, fresh: () => State): StateStore {
  const state = readState(file) ?? fresh();
  let dirty = true;
  let scheduled: NodeJS.Immediate | null = null;
  const flush = (): void => {
    if (scheduled !== null) clearImmediate(scheduled);
    scheduled = null;
    if (!dirty) return;
    dirty = false;
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  };
  const touch = (): void => {
    dirty = true;
    scheduled ??= setImmediate(flush);
  };
  flush();
  return { state, touch, flush };
}

function readState(file: string): State | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  // A folder of before there were dependencies or reviews has none.
  const state = {
    dependencies: [],
    elsewhere: [],
    reviews: [],
    ...(JSON.parse(text) as Omit<State, 'dependencies' | 'elsewhere' | 'reviews'>),
  };
  if (state.version !== 1) throw new Error(`${file}: version ${String(state.version)} is not 1: remove the folder and start afresh`);
  return state;
}

/** GitHub's times have no fractions of a second. */
export const isoTime = (ms: number): string => `${new Date(ms).toISOString().slice(0, 19)}Z`;
