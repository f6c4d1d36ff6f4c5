import type { Ms } from './seen.ts';

/** Every way a run or task can fail to finish. The names are stable: they stand on the board, in logs and in `--json`. */
export const FAILURE_TYPES = [
  'startup_error',
  'crash',
  'agent_error',
  'provider_error',
  'usage_limit',
  'auth_error',
  'billing_error',
  'timeout',
  'stalled',
  'output_limit',
  'out_of_memory',
  'budget',
  'no_pr',
  'validation_error',
  'worktree_error',
  'setup_error',
  'delivery_error',
  'stopped',
  'killed',
  'cancelled',
  'interrupted',
  'unknown',
] as const;
export type FailureType = (typeof FAILURE_TYPES)[number];

/** Whom a provider cut off. */
export interface CutOff {
  /** The name of the login that it said so to. */
  readonly login: string;
  /** How people are told which agent it was. */
  readonly agent: string;
  /** The last thing that it did, in its own words. */
  readonly doing: string | null;
}

/** Another agent was cut off by its provider, and this one goes on in its place. */
export interface TakesOver {
  readonly agent: string;
  readonly because: FailureType;
  /** The last thing that it did, in its own words. */
  readonly doing: string | null;
}

export interface Failure {
  readonly type: FailureType;
  /** What happened, with the value that shows it. One line. */
  readonly message: string;
  readonly at: Ms;
  /** Who ended it, where a person did: `STOP file`, `tasks.md`, `tac8 kill`, `GitHub`; the message is then their words. */
  readonly by?: string;
  /** For `usage_limit`: when the provider takes requests again. */
  readonly until?: Ms;
  /** Where agents have several logins, and another one might do. */
  readonly cutOff?: CutOff;
  /** Which of the causes that `hints.ts` has for its type. */
  readonly cause?: string;
  /** There is no conversation to go on in. */
  readonly afresh?: true;
  /** What helps here, in the words of whatever refused. */
  readonly hint?: string;
}

/** What git says of a run's worktree after the run ended. */
export interface Inspection {
  /** Tip of the task's branch; null when the branch does not exist. */
  readonly head: string | null;
  /** Commits on the branch that the base does not have. */
  readonly commits: number;
  /** Tracked changes or untracked, not ignored files. */
  readonly dirty: boolean;
  /** The text of BLOCKED.md, if the agent left one. */
  readonly question: string | null;
  /** Its files differ from those of the base; none: nobody looked. Commits alone are no change: they may be empty, or taken back. */
  readonly changed?: boolean;
  /** The files that it changes: the first names, and how many there are. */
  readonly files?: { readonly names: readonly string[]; readonly count: number };
  /** Lines that it adds and takes out; none: nobody looked. */
  readonly lines?: number;
  /** What is changed or new and in no commit: the first names, and how many there are. */
  readonly left?: { readonly names: readonly string[]; readonly count: number };
  /** Where the agent made commits that the branch does not have. */
  readonly elsewhere?: readonly Elsewhere[];
}

/** The end of commits beside the task's branch. */
export interface Elsewhere {
  /** Null: no branch names it. */
  readonly branch: string | null;
  readonly head: string;
}

/** How a run ended, once the evidence is in. */
export type Outcome =
  /** `unfinished`: work of it in the background that was cut off. */
  | { readonly kind: 'done'; readonly unfinished?: readonly string[] }
  | { readonly kind: 'blocked'; readonly question: string }
  | { readonly kind: 'failed'; readonly failure: Failure /** the conversation can be taken up again */; readonly resumable: boolean };
/** What a push was held for. Kept with the run. */
export interface Held {
  /** The commit that would have been pushed: a person's word counts for this one alone. */
  readonly commit: string;
  readonly paths: readonly string[];
  /** The changes of those paths, cut. */
  readonly diff: string;
}

/** In place of a push: somebody else's commits on the task's branch at the remote: its head, and who wrote them. */
export interface Overtaken {
  readonly commit: string;
  readonly by: readonly string[];
}

/**
 * How a turn ended, in our words, whatever the agent's are.
 * completed    it says that it is done
 * ended        without an error, and without saying why
 * interrupted  its turn was ended from outside
 * stopped      a hook ended it
 * turns, dollars  a limit that it was given
 * failed       it broke; the conversation itself may be the trouble
 * refused      the provider would not: its status and `ProviderError` say why
 */
export type TurnEnd = 'completed' | 'ended' | 'interrupted' | 'stopped' | 'turns' | 'dollars' | 'failed' | 'refused';

export interface TurnResult {
  readonly end: TurnEnd;
  readonly isError: boolean;
  /** The agent's own words, for people to see; nothing is decided by them. */
  readonly subtype: string;
  readonly terminalReason: string | null;
  readonly apiErrorStatus: number | null;
  readonly text: string;
  readonly at: Ms;
}

/** `money`: none left; `login`; `limit`: too much for now; `request`: what was asked, so that asking again is no use. */
export type Refusal = 'money' | 'login' | 'limit' | 'request';

export interface ProviderError {
  /** HTTP status; null for a network failure. */
  readonly status: number | null;
  /** What it was about, in our words; null: the status alone tells. */
  readonly refusal: Refusal | null;
  /** The agent's own word for it, for people to see. */
  readonly cause: string;
  readonly message: string;
}
