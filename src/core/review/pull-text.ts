import { hintOf } from '../advice/hints.ts';
import { agentName } from '../agent/which.ts';
import type { Failure } from '../model/failure.ts';
import type { Run } from '../model/run.ts';
import { issueNumber, type Task } from '../model/task.ts';
import { harmless, withoutPlaces } from '../words/harmless.ts';
import { isOverMeanwhile, leftBehind } from '../words/left-behind.ts';
import { besidesOf } from '../words/left-words.ts';
import { goOnWords } from '../words/pull-form.ts';
import { evidenceOf, evidenceWords } from './evidence.ts';

/** Hidden marks of our own authorship: looked for before anything is posted again. */
export const pullMarker = (run: Run): string => `<!-- tac8:pull task=${run.task} run=${run.id} -->`;
export const commentMarker = (run: Run): string =>
  `<!-- tac8:comment task=${run.task} run=${run.id}${run.settlement.approved === undefined ? '' : ' approved'} -->`;

/** Who reads it: everybody who may see the issue. */
export interface Readers {
  /** Folders of this machine, which are nobody else's business. */
  readonly places: readonly string[];
  /** Replies are heard (`github.orders`). */
  readonly orders: boolean;
  /** Reviews that ask for changes are heard (`pulls.follow`). */
  readonly follows?: boolean;
  /** What the work has cost, in words. */
  readonly cost?: string;
  /** Of several attempts side by side: what was compared, and where those are that were not chosen; null: it is this one. */
  readonly attempts?: readonly { readonly id: string; readonly words: string; readonly kept: string | null }[];
}

export function pullBody(task: Task, run: Run, { places, orders, follows = false, cost = '', attempts = [] }: Readers): string {
  const number = issueNumber(task.id);
  const said = withoutPlaces(run.stream.result?.text ?? '', places);
  const parts = [
    number === null ? '' : `Closes #${number}`,
    notice(run, places),
    withoutPlaces(proofWords(task, run), places),
    attemptLines(attempts, places),
    said === '' ? '' : `<details><summary>What the agent said last</summary>\n\n${harmless(said)}\n\n</details>`,
    goOnWords(task, run, { follows, orders }),
    `${task.id} · ${run.id} · attempt ${run.attempt} · ${agentName(run.agent)}${cost === '' ? '' : ` · ${cost}`}`,
    pullMarker(run),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Names and refs are ours, to be copied as they are; how one failed is its agent's word. */
function attemptLines(attempts: NonNullable<Readers['attempts']>, places: readonly string[]): string {
  if (attempts.length === 0) return '';
  const lines = attempts.map(
    ({ id, words, kept }) =>
      `- \`${id}\`: ${harmless(withoutPlaces(words, places))}; ${kept === null ? 'it is this one' : `kept: \`${kept}\``}`,
  );
  return `The best of ${attempts.length} attempts side by side; the others are kept on the machine that tac8 runs on:\n\n${lines.join('\n')}`;
}

/** What is known of the work without anybody's word. Names of files are the agent's. */
function proofWords(task: Task, run: Run): string {
  const lines = evidenceWords(evidenceOf(task, run, new Map())).map(({ ok, text }) => `- ${ok ? '✓' : '✗'} ${harmless(text)}`);
  return lines.length === 0 ? '' : `What tac8 saw, without the agent's word:\n\n${lines.join('\n')}`;
}

/** What a reviewer should know beside the changes. */
function notice({ settlement }: Run, places: readonly string[]): string {
  const besides = [...besidesOf(settlement), ...(isElsewhere(settlement) ? [THERE] : [])];
  return besides.map((words) => `> **Note:** ${harmless(withoutPlaces(words, places))}.`).join('\n>\n');
}

/** Branches beside the task's own are pushed by nobody. */
const isElsewhere = ({ inspection }: Run['settlement']): boolean => (inspection?.elsewhere ?? []).some(({ branch }) => branch !== null);
const THERE = 'that branch is on the machine that tac8 runs on, and nowhere else';

/** What the issue is told of the end of a run. */
export function commentBody(task: Task, run: Run, readers: Readers): string {
  return `${commentWords(task, run, readers)}\n\n<sub>${task.id} · ${run.id} · attempt ${run.attempt} · ${agentName(run.agent)}</sub>\n${commentMarker(run)}`;
}

const PULL_WORDS = {
  open: 'is open for review',
  draft: 'is open as a draft',
  merged: 'has this work, and is merged already',
  closed: 'has this work, and is closed without a merge',
};

function commentWords(task: Task, run: Run, readers: Readers): string {
  const { outcome, held, pull, pushed } = run.settlement;
  if (isOverMeanwhile(task, run)) {
    const how = task.over?.how === 'merged' ? 'merged' : 'closed without a merge';
    const left = leftBehind(task, run) === null ? '' : `That work is not on it. ${whereKept(task, run)}`;
    return `Pull request #${task.pull?.number ?? '?'} was ${how} while tac8 still worked on it. ${left}`;
  }
  if (outcome?.kind === 'done') {
    const besides = notice(run, readers.places);
    const is = pull?.state ?? (pull?.draft === true ? 'draft' : 'open');
    const done =
      pull === undefined
        ? `Done: branch \`${task.branch}\` at ${pushed?.commit.slice(0, 7) ?? '?'}.`
        : `Done: pull request #${pull.number} ${PULL_WORDS[is]}.`;
    return besides === '' ? done : `${done}\n\n${besides}`;
  }
  if (outcome?.kind === 'blocked' && held !== undefined)
    return `Not pushed yet.\n\n${quote(outcome.question, readers)}\n\n<details><summary>The changes</summary>\n\n${harmless(fencedDiff(held.diff))}\n\n</details>${howToLetGo(readers)}`;
  if (outcome?.kind === 'blocked')
    return `This question needs an answer before the work can go on:\n\n${quote(outcome.question, readers)}\n\n${howToAnswer(task, readers)}`;
  if (outcome?.kind === 'failed') return failedWords(task, run, outcome.failure, readers);
  return 'Ended.';
}

/** A comment reaches somebody only where people order by comments. */
const howToAnswer = ({ id }: Task, { orders }: Readers): string =>
  orders
    ? 'Someone with write access answers by a comment below: the agent goes on with it.'
    : `tac8 does not read comments here: whoever runs it answers with \`tac8 retry ${id} --continue --message "…"\`.`;

const howToLetGo = ({ orders }: Readers): string =>
  orders
    ? '\n\nA comment below by someone with write access lets it go with the one word `approve`; anything else is what the agent does instead.'
    : '';

/** The fence is longer than any in it. */
const fencedDiff = (diff: string): string => {
  const longest = Math.max(2, ...[...diff.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${diff}\n${fence}`;
};

function failedWords(task: Task, run: Run, failure: Failure, readers: Readers): string {
  const there = isElsewhere(run.settlement) ? `\n\n${THERE.replace('that', 'That')}.` : '';
  const hint = withoutPlaces(hintOf(failure, { task: task.id, failed: true }), readers.places);
  const kept = whereKept(task, run);
  return `Not done: **${failure.type}**.\n\n${quote(failure.message, readers)}${there}\n\nFor whoever runs tac8: ${hint}${kept === '' ? '' : `\n\n${kept}`}`;
}

/** Neither was pushed: nobody can see it at the forge. */
function whereKept({ id, branch }: Task, { settlement: { inspection, saved } }: Run): string {
  const kept = [
    (inspection?.commits ?? 0) > 0 ? `its commits are on branch \`${branch}\` there (\`tac8 diff ${id}\` shows them)` : '',
    saved?.ref ? `what is in no commit is saved there (\`tac8 restore ${id}\` brings it back)` : '',
  ].filter((part) => part !== '');
  if (kept.length === 0) return '';
  const nothing =
    saved?.incomplete === undefined ? 'Nothing is lost on the machine that tac8 runs on' : 'What is saved on the machine that tac8 runs on';
  return `${nothing}: ${kept.join('; ')}.`;
}

const quote = (text: string, { places }: Readers): string =>
  harmless(withoutPlaces(text, places))
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
