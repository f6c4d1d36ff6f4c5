import { isFree, moneyWords } from '../limits/spend.ts';
import { type Fleet, parkedNow } from '../model/fleet.ts';
import type { Money, Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { isTaskId, stateWords, type Task, type TaskId } from '../model/task.ts';
import { stepWords } from '../tick/step-words.ts';
import { isHeldUp } from './held-up.ts';
import { inLine, type Stamp } from './issue-words.ts';

/*
 * The issue that shows the whole fleet, and whose boxes people tick from wherever they read it. A box says what it does in a mark behind it; the
 * words before are for people.
 */

export const DASHBOARD_MARK = '<!-- tac8:dashboard -->';
export const DASHBOARD_TITLE = 'tac8: what the agents do';

/** What a tick asks for. */
export type Tick =
  | { readonly verb: 'pause' | 'resume'; readonly task: null }
  | { readonly verb: 'retry' | 'cancel'; readonly task: TaskId }
  | { readonly verb: 'approve'; readonly task: TaskId; readonly commit: string }
  | { readonly verb: 'accept-edit'; readonly task: null; readonly token: string };

/** All that the dashboard is made of. */
export interface DashboardFacts {
  readonly fleet: Fleet;
  readonly slots: number;
  /** Who must act first; ended ones are those of today. */
  readonly tasks: readonly Task[];
  readonly run: (task: Task) => Run | null;
  /** Why work in review needs a person; null: it does not. */
  readonly needs: (task: Task) => string | null;
  /** Why a task waits, in a sentence. */
  readonly why: (task: TaskId) => string;
  /** Requests that the token has left. */
  readonly allowance: { readonly limit: number | null; readonly remaining: number | null } | null;
  readonly usdPerDay: number;
  /** Of this day alone: what the fleet keeps may be another one's. */
  readonly spentToday: Money;
  /** An edit of the board that waits for a person's word. */
  readonly held: { readonly message: string; readonly token: string } | null;
  readonly stamp: Stamp;
  readonly now: Ms;
}

const SHOWN = 20;

const box = (words: string, mark: string): string => `- [ ] ${words} <!-- tac8:do ${mark} -->`;
const titleOf = ({ id, title }: Task): string => `${id.startsWith('gh-') ? `#${id.slice(3)}` : id} ${inLine(title)}`;

/** `steady` is what is worth an edit; `figures` change all the time. */
export function dashboardText(facts: DashboardFacts): { readonly steady: string; readonly figures: string } {
  const of = (...states: readonly Task['state'][]): readonly Task[] => facts.tasks.filter(({ state }) => states.includes(state));
  const stuck = of('review').filter((task) => facts.needs(task) !== null);
  const needing = [...of('blocked'), ...stuck, ...of('failed')];
  const heldUp = of('active').filter((task) => isHeldUp(facts.run(task)));
  const atWork = of('active').filter((task) => !heldUp.includes(task));
  const done = of('review', 'completed').filter((task) => !stuck.includes(task));
  const parts = [
    headOf(facts),
    section(
      'Needs you',
      [...heldUp.map((task) => heldUpLine(task, facts.run(task))), ...needing.map((task) => needWords(task, facts))],
      heldUp.length + needing.length,
    ),
    section(
      'Running',
      atWork.map((task) => `- ${titleOf(task)}: since ${facts.stamp(sinceOf(task))}${pullOf(task)}${cancelOf(task)}`),
      atWork.length,
    ),
    section(
      'Waiting',
      of('pending').map((task) => `- ${titleOf(task)}: ${inLine(facts.why(task.id))}${cancelOf(task)}`),
      of('pending').length,
    ),
    section(
      'Done',
      done.map((task) => `- ${titleOf(task)}: ${stateWords(task.state)}${pullOf(task)}`),
      done.length,
    ),
  ];
  return { steady: parts.filter((part) => part !== '').join('\n\n'), figures: figuresOf(facts) };
}

export const dashboardBody = ({ steady, figures }: { readonly steady: string; readonly figures: string }, hint = ''): string =>
  [steady, hint, `<sub>${figures}</sub>`, DASHBOARD_MARK].filter((part) => part !== '').join('\n\n');

function section(name: string, lines: readonly string[], count: number): string {
  if (count === 0) return '';
  const more = count > SHOWN ? `\n- … and ${count - SHOWN} more` : '';
  return `### ${name} (${count})\n${lines.slice(0, SHOWN).join('\n')}${more}`;
}

function headOf({ fleet, slots, tasks, held, now, stamp }: DashboardFacts): string {
  const active = tasks.filter(({ state }) => state === 'active').length;
  const lines = [`${active} of ${slots} slots in use.`];
  for (const { message, until, login } of parkedNow(fleet, now)) {
    const nothing = login === undefined ? 'Nothing starts' : `Nothing starts with the login ${login}`;
    lines.push(`${nothing}: ${inLine(message)}${until === null ? '' : `, until ${stamp(until)}`}.`);
  }
  const boxes = [
    fleet.pausedAt === null
      ? box('Pause the fleet: nothing new starts', 'pause')
      : box(`Resume the fleet, paused since ${stamp(fleet.pausedAt)}`, 'resume'),
    ...(held === null ? [] : [box(`Accept the held edit of tasks.md: ${inLine(held.message)}`, `accept-edit ${held.token}`)]),
  ];
  return `${lines.join(' ')}\n\n${boxes.join('\n')}`;
}

const cancelOf = ({ id }: Task): string => `\n  ${box('Cancel', `cancel ${id}`)}`;
const pullOf = ({ pull }: Task): string => (pull === null ? '' : `, pull request #${pull.number}`);
const sinceOf = (task: Task): Ms => (task.state === 'active' ? task.startedAt : task.addedAt);

/** Without how long and how often, which change all the time. */
const heldUpLine = (task: Task, run: Run | null): string =>
  `- ${titleOf(task)}: its work is done; ${stepWords(run?.problem?.step ?? '')} has been failing: ${inLine(run?.problem?.message ?? '')}`;

function needWords(task: Task, { run, needs }: DashboardFacts): string {
  if (task.state === 'review') return `- ${titleOf(task)}: ${inLine(needs(task) ?? '')}`;
  if (task.state === 'failed')
    return [`- ${titleOf(task)}: ${task.failure.type}: ${inLine(task.failure.message)}`, `  ${box('Retry', `retry ${task.id}`)}`].join(
      '\n',
    );
  if (task.state !== 'blocked') return '';
  const held = run(task)?.settlement.held;
  const acts = [...(held === undefined ? [] : [`  ${box('Approve the push', `approve ${task.id} ${held.commit}`)}`])];
  return [`- ${titleOf(task)}: ${inLine(task.question)}`, ...acts].join('\n') + cancelOf(task);
}

function figuresOf({ spentToday, usdPerDay, allowance, now, stamp }: DashboardFacts): string {
  const day = isFree(spentToday) ? 'nothing' : moneyWords(spentToday);
  const left =
    allowance?.remaining == null
      ? ''
      : ` · GitHub requests left: ${allowance.remaining}${allowance.limit === null ? '' : ` of ${allowance.limit}`}`;
  return `Spent today: ${day} of $${usdPerDay}${left} · ${stamp(now)}`;
}

const LINE = /^\s*[-*] \[([ xX])\] .*<!-- tac8:do ([a-z-]{1,20})(?: ([\w.:+=/-]{1,100}))?(?: ([0-9a-f]{40,64}))? -->\s*$/;

/** What is ticked in a text; what is no box of tac8's asks for nothing. */
export function readTicks(body: string): readonly Tick[] {
  const found = body
    .slice(0, 100_000)
    .split(/\r?\n/)
    .flatMap((line) => {
      const [, mark = ' ', verb = '', subject = '', commit = ''] = LINE.exec(line.slice(0, 2_000)) ?? [];
      return mark === ' ' ? [] : (tickOf(verb, subject, commit) ?? []);
    });
  return [...new Map(found.map((tick) => [tickKey(tick), tick])).values()];
}

function tickOf(verb: string, subject: string, commit: string): Tick | null {
  if ((verb === 'pause' || verb === 'resume') && subject === '') return { verb, task: null };
  if (verb === 'accept-edit' && subject !== '') return { verb, task: null, token: subject };
  if (!isTaskId(subject)) return null;
  if (verb === 'retry' || verb === 'cancel') return { verb, task: subject };
  return verb === 'approve' && commit !== '' ? { verb, task: subject, commit } : null;
}

export const tickKey = (tick: Tick): string =>
  [tick.verb, tick.task ?? '', 'commit' in tick ? tick.commit : '', 'token' in tick ? tick.token : ''].join(' ').trim();
