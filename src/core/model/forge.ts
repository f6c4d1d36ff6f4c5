import type { Ms, Seen } from './seen.ts';
import type { TaskId } from './task.ts';

export interface Issue {
  readonly number: number;
  readonly title: string;
  /** As on the forge, unsanitised. */
  readonly body: string;
  /** A hash of title and body: the same print, the same text. */
  readonly print: string;
  readonly author: string | null;
  readonly labels: readonly string[];
  readonly state: 'open' | 'closed';
  readonly url: string;
  readonly createdAt: Ms;
  readonly updatedAt: Ms;
  /** How many issues it depends on, and how many of those are open; left out: this server does not tell. */
  readonly dependencies?: { readonly open: number; readonly total: number };
  /** What persons who may write said under it, oldest first; asked for where an agent is about to be told of it. */
  readonly said?: readonly Said[];
  /** Nobody but those with write access may say anything there; left out: it is not so. */
  readonly locked?: true;
  /** The title of its milestone; left out: it has none. */
  readonly milestone?: string;
  /** Logins; left out: nobody's. */
  readonly assignees?: readonly string[];
  /** The login of whoever closed it, or took off the label that it was asked for with; left out: neither, or it was not told. */
  readonly endedBy?: string;
}

/** A comment on an issue, as on the forge, unsanitised. */
export interface Said {
  readonly author: string;
  readonly body: string;
}

/** Which of the labelled issues are worked on; null: that is no condition. */
export interface Wanted {
  readonly label: string;
  readonly milestone: string | null;
  readonly assignee: string | null;
}

/** An issue that the forge says blocks another one. */
export interface Dependency {
  /** `#12`, or `owner/repo#12` where it is in another repository. */
  readonly name: string;
  /** Its number in this repository; null: it is in another one. */
  readonly number: number | null;
  readonly open: boolean;
}

/** GitHub holds labels that differ only in case to be the same. */
export const sameLabel = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

/** Why the issue wants no work, or none any more; null: it is open, bears the label and meets all that is asked of it. */
export function whyUnwanted(issue: Issue | null, { label, milestone, assignee }: Wanted): string | null {
  if (issue === null) return 'issue gone';
  const by = issue.endedBy === undefined ? '' : ` by ${issue.endedBy}`;
  if (issue.state === 'closed') return `issue closed${by}`;
  if (!issue.labels.some((own) => sameLabel(own, label))) return `label removed${by} (${label})`;
  if (issue.locked === true) return 'issue locked';
  if (milestone !== null && !same(issue.milestone ?? '', milestone)) return `not in the milestone ${milestone}`;
  if (assignee !== null && !(issue.assignees ?? []).some((one) => same(one, assignee))) return `not assigned to ${assignee}`;
  return null;
}

export type ReviewDecision = 'approved' | 'changes_requested' | 'required';

export interface Pull {
  readonly number: number;
  readonly url: string;
  readonly title: string;
  readonly body: string;
  readonly author: string | null;
  readonly state: 'open' | 'closed' | 'merged';
  readonly draft: boolean;
  /** Issues of this repository that its merge closes, as the forge reads its text. */
  readonly closes: readonly number[];
  /** What its reviews come to by the repository's rules; left out: the rules ask for none and nobody wants a change, or it was not told. */
  readonly review?: ReviewDecision;
  /** When anything of it last changed, its reviews and comments too; left out: not told. */
  readonly updatedAt?: Ms;
  /** Branch name, and the owner of the repository it is in: a fork may hold the same name. */
  readonly head: {
    readonly branch: string;
    readonly owner: string | null;
    readonly commit: string;
    /** It is in another repository than the one that tac8 pushes to. */
    readonly elsewhere?: true;
  };
}

/** How a pull is to look, as a person set it. */
export interface PullForm {
  /** `{title}`, `{number}` and `{task}` stand for the task's own; null: its title. */
  readonly title: string | null;
  readonly labels: readonly string[];
  /** Logins, and teams as `org/team`. */
  readonly reviewers: readonly string[];
  readonly assignees: readonly string[];
}

/** Who put the label on (the newest `labeled` event not followed by `unlabeled`), and whether they may start work. */
export interface Trigger {
  readonly actor: string | null;
  readonly at: Ms | null;
  readonly allowed: boolean;
  /** One sentence, for `tac8 why`. */
  readonly why: string;
  /** When the oldest part of the answer was asked for; none: just now. */
  readonly askedAt?: Ms;
}

/** How long an answer about who put the label on, and what they may do, counts. The only age that there is of it. */
export const TRIGGER_AGE: Ms = 60_000;

/** Whether an answer of then still counts. One that lies ahead was given before the clock was set back. */
export const isFreshTrigger = (at: Ms, now: Ms): boolean => at <= now && now - at < TRIGGER_AGE;

/** What a ref at the remote says of an issue: which of several daemons works on it. */
export interface IssueClaim {
  /** The clone that it is of. */
  readonly owner: string;
  /** Its machine, for people. */
  readonly machine: string;
  readonly since: Ms;
  /** When the label was put on for which it was made; null: a person named the issue. */
  readonly label: Ms | null;
  /** When the work on it had ended there; null: it goes on. */
  readonly over: Ms | null;
}

/** What is known of an issue's claim: it is ours, or another's. */
export type ClaimSight =
  | { readonly kind: 'ours' }
  /** `words`: who has it since when. */
  | { readonly kind: 'theirs'; readonly claim: IssueClaim; readonly words: string };

/** Null: claims are not asked for, or the remote takes none. */
export type Claims = {
  readonly of: ReadonlyMap<TaskId, Seen<ClaimSight>>;
  /** Somebody is there to claim; a preview only looks. */
  readonly asks: boolean;
} | null;
