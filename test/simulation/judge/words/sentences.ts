import type { Ms } from '../../../../src/core/model/seen.ts';
import { issueNumber, type RunId, rootOf, type Task, type TaskId } from '../../../../src/core/model/task.ts';
import { MINUTE } from '../../incidents/incidents.ts';
import type { Stage } from '../../stage.ts';
import type { Conversation } from '../../truth/conversations.ts';

/** What was asked of GitHub may be as old as two polls, and a poll may meet a trouble that has just ended. */
export const ASKED_AGAIN = 25 * MINUTE;
/** What this machine itself tells is looked at every few seconds; what a step waits for may take its longest pause. */
export const LOOKED_AT = 6 * MINUTE;

/** What the daemon itself was told it knows at its next tick. */
export const ANSWERED = 3 * MINUTE;

/** What is said of a task, and why it is not so. */
export interface Claim {
  readonly words: string;
  readonly because: string;
  /** For so long of untroubled time it may still be said. */
  readonly within: Ms;
  /** The judge's own sentence that these words fit; left out: there is none. */
  readonly pattern?: string;
}

/** Why a sentence is false; null: it is true. */
type Evidence = (said: RegExpExecArray, task: Task) => string | null;
export interface Sentence {
  readonly pattern: RegExp;
  readonly within: Ms;
  readonly falseBecause: Evidence;
}

export const sentence = (pattern: RegExp, within: Ms, falseBecause: Evidence): Sentence => ({ pattern, within, falseBecause });
/** Said while something is looked up: true for as long as that can take. */
export const passing = (pattern: RegExp, within: Ms): Sentence => sentence(pattern, within, () => 'that takes no such time');

/** What is wrong with the words, by the first sentence that they fit; null: nothing is. Words that fit none rest on nothing. */
export function claimOf(sentences: readonly Sentence[], task: Task, words: string, where: string): Claim | null {
  // The same words about another run are another statement: each has its own time in which it may still be said.
  const run = task.state === 'active' ? `, ${task.run}` : '';
  const shown = `${where} of ${task.id}${run}: ${words.replace(/\d+ [smhd]\b/g, '…')}`;
  for (const { pattern, within, falseBecause } of sentences) {
    const said = pattern.exec(words);
    if (said === null) continue;
    const because = falseBecause(said, task);
    return because === null ? null : { words: shown, because, within, pattern: pattern.source };
  }
  return { words: shown, because: 'nobody has written down what this sentence rests on', within: 0 };
}

/** A task itself, or one of several attempts at it. */
export const isPartOf = (one: TaskId | null | undefined, id: TaskId): boolean => one != null && (one === id || rootOf(one) === id);

/** What there is, as the sentences ask for it. */
export function evidenceIn(stage: Stage) {
  const { contents, forge, repository, conversations, kernel, policy, ended, hasForge } = stage;
  const issueOf = ({ id }: Task) => forge.issues.get(issueNumber(id) ?? 0);
  /** Also of runs that the database has forgotten: the board may tell of them. */
  const talksOf = (id: TaskId): readonly Conversation[] =>
    [...kernel.folders.values()].flatMap(({ run, task }) => (isPartOf(task, id) ? (conversations.of.get(run) ?? []) : []));
  /** Whether an agent of it came to that. Of a task of which no agent is known any more, nobody can say that none did. */
  const mayHaveCome = (id: TaskId, to: string): boolean => {
    const isKnown = [...contents.runs.values()].some((run) => isPartOf(run.task, id) && conversations.of.has(run.id));
    return !isKnown || talksOf(id).some(({ isDisturbed, expects }) => isDisturbed || expects.includes(to));
  };
  const isOf = (run: string, id: TaskId): boolean =>
    isPartOf(kernel.folders.get(run as RunId)?.task, id) || isPartOf(contents.runs.get(run as RunId)?.task, id);
  const branchesOf = (id: TaskId) => [...repository.branches].flatMap(([task, commits]) => (isPartOf(task, id) ? commits : []));
  const racersOf = (id: TaskId): readonly TaskId[] => contents.tasks.get(id)?.race?.racers ?? [];
  return {
    issueOf,
    mayHaveCome,
    /** A run of this task; of a run that never came to a folder its row is all there is. */
    notOf: (run: string, id: TaskId): string | null => (isOf(run, id) ? null : `${run} is no run of it`),
    noCommit: (commit: string, id: TaskId): string | null =>
      branchesOf(id).some((one) => one.startsWith(commit)) ? null : 'no such commit is on its branch',
    noPull: (url: string, { id }: Task): string | null =>
      forge.pulls.some((pull) => pull.url === url && pull.head.branch.startsWith(`${policy.branchPrefix}${id}`))
        ? null
        : 'there is no such pull of it',
    /** Who is said to have ended it did so; what is said of its agent the agent came to. */
    notEndedBy(type: string, task: Task): string | null {
      const { id } = task;
      const { winner } = contents.tasks.get(rootOf(id))?.race ?? {};
      if (type !== 'validation_error' && id !== rootOf(id) && winner !== undefined && winner !== id) return null;
      if (type === 'stopped' || type === 'killed' || type === 'cancelled') {
        const issue = forge.issues.get(issueNumber(id) ?? 0);
        const wentAway = issue !== undefined && (issue.wentAt !== null || issue.labelled.by === 'eve');
        const isNowhere = !hasForge && issueNumber(id) !== null;
        return ended.has(id) || ended.has(rootOf(id)) || racersOf(id).some((one) => ended.has(one)) || wentAway || isNowhere
          ? null
          : 'nobody ended it';
      }
      if (type === 'delivery_error')
        return [...stage.witness.undelivered].some((one) => isPartOf(one, id)) ? null : 'nothing of its delivery was refused';
      if (type === 'validation_error') return policy.pulls.verify ? null : 'nothing is checked here';
      return UNSEEN.has(type) || mayHaveCome(id, type) ? null : `no agent of it ever ended by ${type}`;
    },
  };
}

/** What no agent says: it never came to one, or nobody could read its words. */
const UNSEEN: ReadonlySet<string> = new Set([
  'worktree_error',
  'setup_error',
  'startup_error',
  'unknown',
  'timeout',
  'crash',
  'interrupted',
]);
