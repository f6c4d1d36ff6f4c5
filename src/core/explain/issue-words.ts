import { agentName } from '../agent/which.ts';
import { isFree, moneyWords, moreThan } from '../limits/spend.ts';
import { withRun } from '../limits/spending.ts';
import { markOf } from '../model/gate.ts';
import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { type Spent, stateWords, type Task, type TaskId } from '../model/task.ts';
import { harmless } from '../words/harmless.ts';
import type { Explanation } from './explain.ts';

/*
 * What everybody reads of a task on its issue. Words of agents and strangers in it are made harmless; times are those of no place in particular.
 */

export const statusMarker = (task: TaskId): string => `<!-- tac8:status task=${task} -->`;

/** A time in words: `2026-11-29 20:51 UTC`. */
export type Stamp = (at: Ms) => string;

/** An answer to `/tac8 why`. */
export function whyWords({ task, state, sentence, since, gates, next }: Explanation, stamp: Stamp): string {
  const head = `**${task} ${state === 'unknown' ? 'is unknown' : `is ${stateWords(state)}`}**${since === null ? '' : ` since ${stamp(since)}`}: ${inLine(sentence)}`;
  const lines = gates.map((gate) => {
    const { open, text, until, change } = gate;
    const when = until === null ? '' : `, until ${stamp(until)}`;
    const helps = open || change === null ? '' : ` → ${inLine(change)}`;
    return `- ${MARKS[markOf(gate)]} ${inLine(text)}${when}${helps}`;
  });
  return [head, lines.join('\n'), `Next: ${inLine(next)}`].filter((part) => part !== '').join('\n\n');
}

const MARKS = { open: '✓', shut: '✗', note: '!' } as const;

/** Of a text that others wrote: what stands behind other words on a line begins no block of code. */
export const inLine = (text: string): string =>
  harmless(
    text
      .slice(0, LONGEST)
      .toWellFormed()
      .split(/\s+/)
      .join(' ')
      .replace(/^[`~ ]+/, ''),
  );
const LONGEST = 600;

/** What the status comment of a task says. `cost` changes all the time, and is no reason for an edit by itself. */
export interface StatusWords {
  readonly text: string;
  readonly cost: string;
}

export function statusWords(
  task: Task,
  run: Run | null,
  why: Explanation,
  { attempts, stamp }: { readonly attempts: number; readonly stamp: Stamp },
): StatusWords {
  const lines = [
    `- ${SINCE[task.state]} ${stamp(sinceOf(task, why))}${run === null ? '' : `: attempt ${run.attempt} of ${attempts}, by ${agentName(run.agent)}`}`,
    ...(task.pull === null ? [] : [`- Pull request: #${task.pull.number}`]),
    ...waits(task, why).map((text) => `- Waits for: ${inLine(text)}`),
  ];
  return { text: [`**tac8: ${headOf(task, run)}**`, lines.join('\n')].join('\n\n'), cost: costOf(task, run) };
}

const SINCE: Readonly<Record<Task['state'], string>> = {
  pending: 'In the queue since',
  active: 'Taken up',
  review: 'In review since',
  completed: 'Done',
  failed: 'Ended',
  blocked: 'Asked',
};

function headOf(task: Task, run: Run | null): string {
  if (task.state === 'active') return run === null ? 'claimed' : workOf(run);
  if (task.state === 'failed') return `not done (${task.failure.type})`;
  if (task.state === 'completed' && task.over !== undefined && task.over.how !== 'unfollowed') return task.over.how;
  return { pending: 'waits', review: 'in review', completed: 'done', blocked: 'needs an answer' }[task.state];
}

/** Nothing is delivered of a run that did not come to its end. */
const workOf = (run: Run): string =>
  run.state === 'ended' && run.settlement.outcome?.kind !== 'done' ? 'it has ended, and is being judged' : ACTIVE[run.state];

const ACTIVE: Readonly<Record<Run['state'], string>> = {
  preparing: 'claimed',
  starting: 'claimed',
  running: 'at work',
  stopping: 'is being stopped',
  ended: 'its work is being delivered',
  settled: 'its work is being delivered',
};

function sinceOf(task: Task, { since }: Explanation): Ms {
  if (task.state === 'active') return task.startedAt;
  return task.state === 'pending' ? (since ?? task.addedAt) : task.at;
}

/** What holds it, and who can change that: the gates that are shut, or the question. */
function waits(task: Task, { gates, next }: Explanation): readonly string[] {
  if (task.state === 'blocked') return ['an answer by someone with write access'];
  if (task.state === 'review') return [...gates.flatMap(({ name, text }) => (name === 'unmerged' ? [text] : [])), next];
  if (task.state !== 'pending') return [];
  return gates.filter(({ open }) => !open).map(({ text }) => text);
}

function costOf(task: Task, run: Run | null): string {
  const isOpen = run !== null && task.state === 'active';
  const ended: Spent = task.spentInAll ?? task.spent ?? { usd: 0, tokens: 0 };
  const spent = isOpen ? withRun(ended, run.stream.spend) : ended;
  if (spent.tokens === 0 && isFree(spent)) return '';
  return `- Cost so far: ${isFree(spent) ? '' : `${moneyWords(spent)}, `}${moreThan(spent)}${spent.tokens.toLocaleString('en-US')} tokens`;
}

/** The whole comment. `orders`: whether people may order by comments here. */
export function statusComment(task: TaskId, { text, cost }: StatusWords, orders: boolean): string {
  const hint = orders ? ' · `/tac8 why`, `stop`, `retry`, `cancel`, `pause`, `tell …` in a comment' : '';
  return `${text}${cost === '' ? '' : `\n${cost}`}\n\n<sub>${task}${hint}</sub>\n${statusMarker(task)}`;
}
