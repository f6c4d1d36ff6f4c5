import type { Failure, FailureType } from '../model/failure.ts';
import { shortId, type TaskId } from '../model/task.ts';

/** `N` in it is the task's number. A text is `again` where an agent can go on in its conversation, and where it cannot, both; else each has its own. */
interface Hint {
  readonly text: string;
  /** Once the task has failed for good, where that makes another sentence. */
  readonly failed?: string;
}

const GOES_ON = '`tac8 retry N --continue` goes on in the same conversation';
const AFRESH = '`tac8 retry N` starts a fresh attempt';
const hint = (text: string, failed?: string): Hint => ({ text, ...(failed === undefined ? {} : { failed }) });

/**
 * One sentence on what a person can do next, by the type of the failure and its cause. The first of each type is said where none is named (of
 * failures that an earlier version wrote down, and of many at once), and so is true of all the others.
 */
const TABLE = {
  startup_error: {
    any: hint(`The agent did not come up: \`tac8 why N\` says what was in the way; mend that, then ${AFRESH}.`),
    silent: hint('The agent ended before it said anything: `cat logs/gh-N.*.stderr.log` shows why; run its command by hand in trees/gh-N.'),
    command: hint('Its command could not be run: `tac8 doctor` tries it; it stands in tac8.yaml under agent.command.'),
    before: hint(`No agent ran: do what the message says, then ${AFRESH}.`),
  },
  crash: {
    any: hint(`The agent was gone without a result: \`tac8 view N\` shows its last words; ${GOES_ON}.`),
    gone: hint(`The agent died without a result: \`tac8 view N\` shows its last words; ${GOES_ON}.`),
    signal: hint(`Something other than tac8 killed the agent: look for it on this machine (\`dmesg\`, a person); ${GOES_ON}.`),
  },
  agent_error: {
    any: hint(`The agent ended with an error: \`tac8 view N --errors\` shows it; mend the cause, then ${AFRESH}.`),
    said: hint(`The agent ended with an error of its own: \`tac8 view N --errors\` shows it; mend the cause, then ${AFRESH}.`),
    request: hint(`The provider refuses what this conversation asks: ${AFRESH}; a smaller issue, or one in other words, may help.`),
  },
  provider_error: {
    any: hint('The model provider refuses, or does not answer: nothing to do, work goes on by itself when it serves again.'),
  },
  usage_limit: { any: hint('The usage limit is reached: nothing to do, work goes on by itself when it is over.') },
  auth_error: {
    any: hint(
      'The model provider refuses the login: check the key, or log the agent in again; work goes on by itself when its login changes, else by `tac8 resume`.',
      'The model provider refuses the login: check the key, or log the agent in again, then `tac8 retry N`.',
    ),
  },
  billing_error: {
    any: hint(
      'The model provider asks for credit: add credit, then `tac8 resume`; work goes on.',
      'The model provider asks for credit: add credit, then `tac8 retry N`.',
    ),
  },
  timeout: { run_time: hint(`The run took longer than limits.run_time: raise it, or split the issue; ${GOES_ON}.`) },
  stalled: {
    any: hint(
      `The agent said nothing for too long (limits.first_event, limits.silence): raise the limit if it or its tools are slow; ${GOES_ON}.`,
    ),
    silence: hint(`The agent said nothing for limits.silence: raise it if its tools are slow; ${GOES_ON}.`),
    first_event: hint(`The agent did not say its first word within limits.first_event: raise it if it is slow to begin; ${AFRESH}.`),
  },
  output_limit: {
    any: hint(`It wrote more than it may (limits.log, limits.disk): \`tac8 why N\` says what; raise the limit, then ${GOES_ON}.`),
    log: hint(`The log grew past limits.log: \`tac8 view N --tools\` shows which tool floods; or raise the limit; ${AFRESH}.`),
    disk: hint(
      `The task uses more disk than limits.disk lets it: take out what it does not need of trees/gh-N and .tac8/homes/gh-N, or raise the limit; ${GOES_ON}.`,
    ),
  },
  out_of_memory: {
    memory: hint(
      `It used more memory than it may: raise limits.memory, or make the work smaller (fewer parallel builds and tests); ${GOES_ON}.`,
    ),
  },
  budget: {
    any: hint(
      `A limit on turns, tokens or dollars is reached (limits.turns, limits.tokens, limits.usd_per_task): raise it, then ${GOES_ON}.`,
    ),
    turns: hint(`limits.turns is reached: raise it, then ${GOES_ON}.`),
    tokens: hint(`limits.tokens, which counts for all runs of the task, is reached: raise it, then ${GOES_ON}.`),
    usd_per_task: hint(`limits.usd_per_task, which counts for all runs of the task, is reached: raise it, then ${GOES_ON}.`),
  },
  no_pr: {
    any: hint(`It left no commit that could be delivered: \`tac8 why N\` says what there is; ${GOES_ON}.`),
    nothing: hint(
      `No commit of its branch changes a file: \`tac8 view N\` shows its last message; if the issue is still to do, make it clearer, then ${AFRESH}.`,
    ),
    elsewhere: hint(
      'Its work is on that branch, not on the task’s: look at it with `git log`, then `tac8 retry N --continue --message "…"` says what to bring over.',
    ),
    uncommitted: hint(`Its work is saved, but in no commit: ${GOES_ON}.`),
    refused: hint(`git or a hook of the repository refused the commit, and the work is saved: mend what the reason says, then ${GOES_ON}.`),
  },
  validation_error: { red: hint(`pulls.verify is still red: \`tac8 why N\` and \`tac8 diff N\` show what it is about; ${GOES_ON}.`) },
  worktree_error: {
    git: hint('git could not make the worktree, or not look at the work in it: do what the message says, then `tac8 retry N`.'),
  },
  setup_error: { setup: hint('worktrees.setup failed in the new worktree: mend what the end of its output says, then `tac8 retry N`.') },
  delivery_error: {
    refused: hint(
      'The work is on its branch, but the push or the pull request is refused: do what the refusal says; then `tac8 retry N` delivers it again, without a run.',
    ),
  },
  stopped: {
    any: hint(`It was stopped, and its work is kept: ${GOES_ON}.`),
    person: hint(`A person stopped it, and its work is kept: ${GOES_ON}.`),
    hook: hint(`A hook of the agent ended it, and its work is kept: ${GOES_ON}.`),
  },
  killed: {
    any: hint(`It was killed, and its work is kept: ${GOES_ON}.`),
    person: hint(`A person killed it, and its work is kept: ${GOES_ON}.`),
    outside: hint(`A signal that did not come from tac8 ended it, and its work is kept: ${GOES_ON}.`),
  },
  cancelled: {
    any: hint('It was cancelled, and `tac8 why N` says by whom: `tac8 retry N` arms it again.'),
    person: hint('A person cancelled it: it starts again when it is armed: `tac8 retry N`, or its line back under Pending in tasks.md.'),
    issue: hint('Its issue asks for no more work: putting the label on the open issue again arms it; so does `tac8 retry N`.'),
    no_forge: hint('tac8 knows no GitHub repository here: name it in tac8.yaml (`repo: owner/name`), or write the line without a number.'),
    over: hint('Its pull is over: nothing to do; `tac8 retry N` begins anew.'),
    claimed: hint('Another daemon works on its issue: nothing to do here; what was done here is kept.'),
    unneeded: hint('Another attempt was chosen: nothing to do; `tac8 compare N` shows what was compared.'),
    out: hint('A person took this attempt out before it began: `tac8 retry N` lets it begin.'),
  },
  interrupted: {
    any: hint('Nothing to do: it goes on by itself in the same conversation.'),
  },
  unknown: {
    any: hint(`Nobody knows what it came to: \`tac8 view N\` shows its last words; ${AFRESH}.`),
    lingering: hint(`It gave no result and did not end: \`tac8 view N\` shows its last words; ${GOES_ON}.`),
    unread: hint('Its log cannot be read: the disk may be failing; `tac8 doctor` looks; the work is kept.'),
  },
} as const satisfies Readonly<Record<FailureType, Readonly<Record<string, Hint>>>>;

export type CauseOf<T extends FailureType> = keyof (typeof TABLE)[T] & string;

const rowOf = (type: FailureType): Readonly<Record<string, Hint>> => TABLE[type];
const firstOf = (type: FailureType): Hint => Object.values(rowOf(type))[0] ?? hint('');

/** All of them, for whoever looks whether each holds. */
export const hintTable: Readonly<Record<FailureType, Readonly<Record<string, Hint>>>> = TABLE;

/** One sentence for a type, of no failure in particular. */
export const hintFor = (type: FailureType): string => firstOf(type).text;

export interface Told {
  readonly task?: TaskId;
  /** It has failed for good. */
  readonly failed?: boolean;
}

/** What a person can do about this failure. */
export function hintOf(failure: Pick<Failure, 'type' | 'hint' | 'cause' | 'afresh'>, { task, failed = false }: Told = {}): string {
  const { type, cause } = failure;
  const found = (cause === undefined ? undefined : rowOf(type)[cause]) ?? firstOf(type);
  const text = failure.hint ?? (failed ? found.failed : undefined) ?? found.text;
  const doable = failure.afresh === true ? text.replace(GOES_ON, AFRESH) : text;
  return task === undefined ? doable : doable.replaceAll('gh-N', task).replace(/\bN\b/g, shortId(task));
}
