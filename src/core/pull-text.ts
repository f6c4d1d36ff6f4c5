import type { Failure } from './failure.ts';
import { HINTS } from './failure.ts';
import type { Run } from './run.ts';
import { redactor } from './secrets.ts';
import { issueNumber, type Task } from './task.ts';

/** Hidden marks of our own authorship: looked for before anything is posted again. */
export const pullMarker = (run: Run): string => `<!-- tac8:pull task=${run.task} run=${run.id} -->`;
export const commentMarker = (run: Run): string => `<!-- tac8:comment task=${run.task} run=${run.id} -->`;

const LIMIT = 4000;
const CLOSING = /\b(close[sd]?|fix(?:e[sd])?|resolve[sd]?)(:?\s+)((?:[\w.-]+\/[\w.-]+)?#\d+|https?:\/\/\S+)/gi;
const MENTION = /(^|[^\w`/])@([A-Za-z\d][A-Za-z\d-]*(?:\/[\w-]+)?)/g;
const redact = redactor([]);

/** The agent's words made harmless: they close no issue, call nobody, end no comment and carry no token. */
export function harmless(text: string): string {
  const clean = redact(text);
  const cut = clean.length > LIMIT ? `${clean.slice(0, LIMIT)}\n…` : clean;
  return cut
    .replace(/<!--|-->/g, '')
    .replace(CLOSING, '$1$2`$3`')
    .replace(MENTION, '$1`@$2`')
    .trim();
}

export function pullBody(task: Task, run: Run): string {
  const number = issueNumber(task.id);
  const said = run.stream.result?.text ?? '';
  const parts = [
    number === null ? '' : `Closes #${number}`,
    said === '' ? '' : `<details><summary>What the agent said last</summary>\n\n${harmless(said)}\n\n</details>`,
    `${task.id} · ${run.id} · attempt ${run.attempt} · log \`logs/${task.id}.${run.id}.jsonl\``,
    pullMarker(run),
  ];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** What the issue is told of the end of a run. */
export function commentBody(task: Task, run: Run): string {
  return `${endWords(task, run)}\n\n<sub>${task.id} · ${run.id} · attempt ${run.attempt}</sub>\n${commentMarker(run)}`;
}

function endWords(task: Task, run: Run): string {
  const outcome = run.settlement.outcome;
  if (outcome?.kind === 'done') {
    const { pull, pushed } = run.settlement;
    return pull === undefined
      ? `Done: branch \`${task.branch}\` at ${pushed?.commit.slice(0, 7) ?? '?'}.`
      : `Done: pull request #${pull.number} is open for review.`;
  }
  if (outcome?.kind === 'blocked') return `A question before this can go on:\n\n${quote(outcome.question)}`;
  if (outcome?.kind === 'failed') return failedWords(task, run, outcome.failure);
  return 'Ended.';
}

function failedWords(task: Task, run: Run, failure: Failure): string {
  const saved = run.settlement.saved?.ref;
  const kept = [
    (run.settlement.inspection?.commits ?? 0) > 0 ? `its commits are on branch \`${task.branch}\`` : '',
    saved ? `its uncommitted work is saved as \`${saved}\`` : '',
  ].filter((part) => part !== '');
  const work = kept.length === 0 ? '' : `\n\nNothing is lost: ${kept.join('; ')}.`;
  return `Not done: **${failure.type}**.\n\n${quote(failure.message)}\n\n${HINTS[failure.type]}${work}`;
}

const quote = (text: string): string =>
  harmless(text)
    .split('\n')
    .map((line) => `> ${line}`)
    .join('\n');
