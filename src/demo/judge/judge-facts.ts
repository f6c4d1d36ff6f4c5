import { issueNumber, type TaskId } from '../../core/model/task.ts';
import type { JournalEntry } from '../agent/journal.ts';
import type { FateName } from '../ground/fates.ts';
import type { Life } from '../world/census.ts';
import { PEOPLE } from '../world/forge.ts';
import { BRANCH_PREFIX } from '../world/world.ts';
import type { CommitSeen, Evidence, PullSeen } from './evidence.ts';

/** One thing that has to hold, with what was seen. */
export interface Check {
  readonly ok: boolean;
  readonly text: string;
}

export const check = (ok: boolean, text: string): Check => ({ ok, text });

/** What the evidence says of one fate's task. */
export interface Facts {
  readonly evidence: Evidence;
  readonly task: TaskId;
  readonly issue: number | null;
  readonly branch: string;
  readonly pushed: readonly CommitSeen[];
  readonly pulls: readonly PullSeen[];
  /** tac8's own comments on the issue. */
  readonly comments: readonly string[];
  /** Oldest first. */
  readonly journals: readonly (readonly JournalEntry[])[];
  readonly lives: readonly Life[];
}

export function factsOf(evidence: Evidence, fate: FateName): Facts {
  const task = evidence.tasks.get(fate) ?? 'local-1';
  const issue = issueNumber(task);
  const branch = `${BRANCH_PREFIX}${task}`;
  const journals = [...evidence.journals.values()].filter((entries) => entries[0]?.task === task);
  return {
    evidence,
    task,
    issue,
    branch,
    pushed: evidence.pushed.get(branch) ?? [],
    pulls: evidence.pulls.filter((pull) => pull.branch === branch || closesIt(pull.body, issue)),
    comments: evidence.comments
      .filter((comment) => comment.issue === issue && comment.author === PEOPLE.bot)
      .map((comment) => comment.body),
    journals: journals.toSorted((a, b) => (a[0]?.at ?? 0) - (b[0]?.at ?? 0)),
    lives: evidence.lives.filter((life) => life.task === task),
  };
}

const closesIt = (body: string, issue: number | null): boolean => new RegExp(`^Closes #${issue}$`, 'm').test(body);

/** The attempts, counted by the agents themselves, or seen from outside where they keep no journal. */
export function ran({ evidence, journals, lives }: Facts, times: number): Check {
  const count = evidence.scripted ? journals.length : lives.length;
  const words = times === 1 ? 'one attempt' : `${times} attempts`;
  return check(count === times, count === times ? words : `${count} attempts in place of ${times}`);
}

/** The agent's own commits are on the branch at the forge, and nothing else is. */
export function branchPushed({ evidence, branch, pushed, journals }: Facts): Check {
  const wrote = journals.flatMap((entries) => entries.filter((entry) => entry.kind === 'commit').map((entry) => entry.text));
  const runs = new Set(journals.flatMap((entries) => entries.map((entry) => entry.run)));
  const ids = pushed.map((commit) => commit.id);
  const same =
    ids.length > 0 &&
    (!evidence.scripted || (ids.toSorted().join() === wrote.toSorted().join() && pushed.every((one) => runs.has(one.run))));
  const short = ids.map((id) => id.slice(0, 7)).join(' ') || 'nothing';
  return check(
    same,
    same
      ? `${branch} holds the agent's ${short}`
      : `${branch} at the forge holds ${short}, the agent committed ${wrote.join(' ') || 'nothing'}`,
  );
}

/** None of tac8's own files was committed. */
export function onlyTheirFiles({ pushed }: Facts, wanted: readonly string[]): Check {
  const files = pushed.flatMap((commit) => commit.files);
  const ours = files.filter((file) => /^(?:tasks\.md|STOP|BLOCKED\.md|\.tac8\/|trees\/|adws\/|logs\/gh-|logs\/.*\.log$)/.test(file));
  const missing = wanted.filter((file) => !files.includes(file));
  if (ours.length > 0) return check(false, `files of tac8 were committed: ${ours.join(', ')}`);
  return check(missing.length === 0, missing.length === 0 ? wanted.join(', ') : `not in the branch: ${missing.join(', ')}`);
}

/** Exactly one pull, by tac8, from the branch as it is, that closes the issue; asked for once. */
export function onePull({ evidence, issue, branch, pulls, pushed }: Facts): Check {
  const [pull] = pulls;
  if (pull === undefined || pulls.length > 1) return check(false, `${pulls.length} pulls for ${branch}`);
  const asked = evidence.posts.filter((path) => /\/pulls$/.test(path)).length;
  const whole = pull.author === PEOPLE.bot && pull.base === 'main' && pull.branch === branch && pull.head === pushed[0]?.id;
  const closes = closesIt(pull.body, issue);
  const words = `pull #${pull.number} with "Closes #${issue}"`;
  if (!whole || !closes)
    return check(
      false,
      `pull #${pull.number} by ${pull.author}, ${pull.branch} at ${pull.head.slice(0, 7)}: ${closes ? 'not the branch' : `no "Closes #${issue}"`}`,
    );
  return check(
    asked === evidence.pulls.length,
    asked === evidence.pulls.length ? words : `${asked} pulls were posted, ${evidence.pulls.length} are there`,
  );
}

export const noPull = ({ pulls }: Facts): Check =>
  check(pulls.length === 0, pulls.length === 0 ? 'no pull' : `a pull #${pulls[0]?.number}`);

/** Exactly one comment by tac8 that says so, posted once. */
export function oneComment({ evidence, issue, comments }: Facts, says: RegExp): Check {
  const posted = evidence.posts.filter((path) => path.endsWith(`/issues/${issue}/comments`)).length;
  if (comments.length !== 1 || posted !== 1)
    return check(false, `${comments.length} comments on #${issue} (${posted} posted) in place of one`);
  const fits = says.test(comments[0] ?? '');
  return check(fits, fits ? `one comment on #${issue}` : `the comment on #${issue} does not say ${says}: ${comments[0]?.slice(0, 80)}`);
}

/** The task's line on the board, and the indented or plain details below it. */
export function onBoard({ evidence, task }: Facts, mark: string, detail?: RegExp): Check {
  const lines = evidence.board.split('\n');
  const at = lines.findIndex((line) => line.includes(` ${task}: `));
  const line = lines[at] ?? '';
  const rest = lines.slice(at + 1);
  const end = rest.findIndex((one) => !one.trimStart().startsWith('- '));
  const details = rest.slice(0, end === -1 ? rest.length : end).join('\n');
  const ok = at >= 0 && line.includes(`[${mark}`) && (detail === undefined || detail.test(details));
  return check(ok, ok ? `tasks.md says ${mark}` : `tasks.md says "${line}${details === '' ? '' : ` ${details}`}" of ${task}`);
}

/** Nothing of its process tree lived longer than that after the person's act. */
export function goneWithin({ evidence, lives }: Facts, fate: FateName, limitMs: number): Check {
  const act = evidence.acts.find((one) => one.fate === fate);
  const life = lives.at(-1);
  if (act === undefined || life === undefined) return check(false, act === undefined ? 'the person never got to act' : 'no agent was seen');
  if (life.goneBy === null) return check(false, `still alive ${((Date.now() - act.at) / 1000).toFixed(1)} s after: ${act.what}`);
  const took = life.goneBy - act.at;
  const seconds = `${(Math.max(0, took) / 1000).toFixed(1)} s`;
  return check(
    took >= 0 && took <= limitMs,
    `process tree gone ${took >= 0 ? seconds : 'before'} after: ${act.what}${took > limitMs ? ` (limit ${limitMs / 1000} s)` : ''}`,
  );
}

export const treeGone = ({ lives }: Facts): Check =>
  check(
    lives.every((life) => life.goneBy !== null),
    lives.every((life) => life.goneBy !== null) ? 'no process of it is left' : 'processes of it are still alive',
  );

/** What the run wrote and did not commit is in git, whole. */
export function workKept({ evidence, lives }: Facts, path: string, holds: (text: string, run: string) => boolean): Check {
  const run = lives.at(0)?.run ?? '';
  const ok = (evidence.kept.get(path) ?? []).some((text) => holds(text, run));
  return check(ok, ok ? `its uncommitted ${path} is kept in git` : `its uncommitted ${path} is in no ref of git`);
}
