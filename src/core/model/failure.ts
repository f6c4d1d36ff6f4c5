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

export interface Failure {
  readonly type: FailureType;
  /** What happened, with the value that shows it. One line. */
  readonly message: string;
  readonly at: Ms;
  /** Who ended it, where a person did: `STOP file`, `tasks.md`, `tac8 kill`, `GitHub`; the message is then their words. */
  readonly by?: string;
  /** For `usage_limit`: when the provider takes requests again. */
  readonly until?: Ms;
  /** What helps here, where more is known than its type tells. */
  readonly hint?: string;
}

/** One sentence on what a person can do next, per type. */
export const HINTS: Readonly<Record<FailureType, string>> = {
  startup_error: 'The agent ended before it said anything: look at its stderr log and run its command by hand.',
  crash: 'The agent died without a result: look at the end of its log; it is started again by itself.',
  agent_error: 'The agent reported an error of its own: read the last lines of `tac8 view`, mend the cause, then retry.',
  provider_error: 'The model provider does not answer: nothing to do, work goes on when it does.',
  usage_limit: 'The usage limit is reached: work goes on by itself when it resets.',
  auth_error:
    'The model provider refuses the login: check the key, or log the agent in again; work goes on by itself when its login changes, else by `tac8 resume`.',
  billing_error: 'The model provider asks for credit: add credit, then `tac8 resume`; work goes on.',
  timeout: 'The run took longer than limits.run_time: raise it or split the issue.',
  stalled: 'The agent said nothing for limits.silence: raise it if its tools are slow, else retry.',
  output_limit: 'The log grew past limits.log: look for a tool that floods, or raise the limit.',
  out_of_memory: 'It used more memory than it may: raise limits.memory, or make the work smaller (fewer parallel builds and tests).',
  budget: 'A limit on turns, tokens or dollars is reached: raise it, then retry with --continue.',
  no_pr: 'No commit of its branch changes a file: read its last message; if the issue is still to do, make it clearer, then retry.',
  validation_error: 'pulls.verify is still red: look at its output and the branch, then retry with --continue.',
  worktree_error: 'git could not make the worktree: do what the message says, then retry.',
  setup_error: 'worktrees.setup failed in the new worktree: mend what the end of its output says, then retry.',
  delivery_error:
    'The work is on its branch, but the push or the pull request is refused: do what the refusal says; then `tac8 retry` delivers it again, without a run.',
  stopped: 'A person stopped it: the work is saved; retry with --continue goes on.',
  killed: 'A person killed it: the work is saved; retry starts again.',
  cancelled: 'A person cancelled it: it starts again only when re-armed (retry, the line back under Pending, the label again).',
  interrupted: 'The machine went down, or a person took over: it goes on by itself in the same conversation.',
  unknown: 'Nobody knows why it ended: look at the log; it is started again by itself.',
};

/** The sentence for this one. */
export const hintOf = ({ type, hint }: Pick<Failure, 'type' | 'hint'>): string => hint ?? HINTS[type];

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
