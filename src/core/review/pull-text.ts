import { agentName } from '../agent/which.ts';
import type { Failure } from '../model/failure.ts';
import { hintOf } from '../model/failure.ts';
import type { Run } from '../model/run.ts';
import { issueNumber, type Task } from '../model/task.ts';
import { harmless } from '../words/harmless.ts';
import { isOverMeanwhile, leftBehind } from '../words/left-behind.ts';
import { besidesOf } from '../words/left-words.ts';
import { evidenceOf, evidenceWords } from './evidence.ts';

/** Hidden marks of our own authorship: looked for before anything is posted again. */
export const pullMarker = (run: Run): string => `<!-- tac8:pull task=${run.task} run=${run.id} -->`;
export const commentMarker = (run: Run): string =>
  `<!-- tac8:comment task=${run.task} run=${run.id}${run.settlement.approved === undefined ? '' : ' approved'} -->`;

export function pullBody(task: Task, run: Run): string {
  const number = issueNumber(task.id);
  const said = run.stream.result?.text ?? '';
  const parts = [
    number === null ? '' : `Closes #${number}`,
    notice(run),
    proofWords(task, run),
    said === '' ? '' : `<details><summary>What the agent said last</summary>\n\n${harmless(said)}\n\n</details>`,
    `${task.id} · ${run.id} · attempt ${run.attempt} · ${agentName(run.agent)} · log \`logs/${task.id}.${run.id}.jsonl\``,
    pullMarker(run),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What is known of the work without anybody's word. Names of files are the agent's. */
function proofWords(task: Task, run: Run): string {
  const lines = evidenceWords(evidenceOf(task, run, new Map())).map(({ ok, text }) => `- ${ok ? '✓' : '✗'} ${harmless(text)}`);
  return lines.length === 0 ? '' : `What tac8 saw, without the agent's word:\n\n${lines.join('\n')}`;
}

/** What a reviewer should know beside the changes. */
function notice(run: Run): string {
  const besides = besidesOf(run.settlement);
  return besides.length === 0 ? '' : besides.map((words) => `> **Note:** ${harmless(words)}.`).join('\n>\n');
}

/** What the issue is told of the end of a run. `hears`: whether a reply to it is heard. */
export function commentBody(task: Task, run: Run, hears = false): string {
  return `${commentWords(task, run)}${hears ? replyHint(run) : ''}\n\n<sub>${task.id} · ${run.id} · attempt ${run.attempt} · ${agentName(run.agent)}</sub>\n${commentMarker(run)}`;
}

function replyHint({ settlement: { outcome, held } }: Run): string {
  if (outcome?.kind !== 'blocked') return '';
  return held === undefined
    ? '\n\nSomeone with write access answers by a comment below: the agent goes on with it.'
    : '\n\nA comment below by someone with write access lets it go with the one word `approve`; anything else is what the agent does instead.';
}

const PULL_WORDS = {
  open: 'is open for review',
  merged: 'has this work, and is merged already',
  closed: 'has this work, and is closed without a merge',
};

function commentWords(task: Task, run: Run): string {
  if (isOverMeanwhile(task, run)) {
    const how = task.over?.how === 'merged' ? 'merged' : 'closed without a merge';
    const left = leftBehind(task, run, (ref) => `\`${ref}\``);
    return `Pull request #${task.pull?.number ?? '?'} was ${how} while tac8 still worked on it. ${left === null ? '' : `That work is not on it, and nothing is lost: ${left}.`}`;
  }
  const outcome = run.settlement.outcome;
  if (outcome?.kind === 'done') {
    const { pull, pushed } = run.settlement;
    const besides = notice(run);
    const done =
      pull === undefined
        ? `Done: branch \`${task.branch}\` at ${pushed?.commit.slice(0, 7) ?? '?'}.`
        : `Done: pull request #${pull.number} ${PULL_WORDS[pull.state ?? 'open']}.`;
    return besides === '' ? done : `${done}\n\n${besides}`;
  }
  if (outcome?.kind === 'blocked' && run.settlement.held !== undefined)
    return `Not pushed yet.\n\n${quote(outcome.question)}\n\n<details><summary>The changes</summary>\n\n${harmless(fencedDiff(run.settlement.held.diff))}\n\n</details>`;
  if (outcome?.kind === 'blocked') return `This question needs an answer before the work can go on:\n\n${quote(outcome.question)}`;
  if (outcome?.kind === 'failed') return failedWords(task, run, outcome.failure);
  return 'Ended.';
}

/** The fence is longer than any in it. */
const fencedDiff = (diff: string): string => {
  const longest = Math.max(2, ...[...diff.matchAll(/`+/g)].map(([marks]) => marks.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}diff\n${diff}\n${fence}`;
};

function failedWords(task: Task, run: Run, failure: Failure): string {
  const saved = run.settlement.saved;
  const kept = [
    (run.settlement.inspection?.commits ?? 0) > 0 ? `its commits are on branch \`${task.branch}\`` : '',
    saved?.ref ? `its uncommitted work is saved as \`${saved.ref}\`` : '',
  ].filter((part) => part !== '');
  const work = kept.length === 0 ? '' : `\n\n${saved?.incomplete === undefined ? 'Nothing is lost' : 'What is saved'}: ${kept.join('; ')}.`;
  return `Not done: **${failure.type}**.\n\n${quote(failure.message)}\n\n${hintOf(failure)}${work}`;
}

const quote = (text: string): string =>
  harmless(text)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
