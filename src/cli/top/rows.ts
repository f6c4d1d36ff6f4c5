import { doing } from '../../core/explain/doing.ts';
import { healthWords } from '../../core/household/health.ts';
import { silenceOfMachine } from '../../core/limits/machines-seen.ts';
import { isFree, moneyWords } from '../../core/limits/spend.ts';
import { machineOf } from '../../core/model/fleet.ts';
import { isDone } from '../../core/model/task.ts';
import { age } from '../../core/words/span.ts';
import { pullWords } from '../../read/pull-words.ts';
import type { TaskReport } from '../../read/shown-tasks.ts';
import { needsYou, type StatusReport, waitsFor } from '../../read/status.ts';
import { type Warning, warningsOf } from '../../read/warnings.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { shortName } from './state.ts';

/** One task as a line; what the terminal could take for a command is made visible. */
export interface Row {
  readonly name: string;
  readonly title: string;
  readonly state: string;
  readonly colour: 'red' | 'yellow' | 'green' | 'cyan' | 'gray';
  /** What it does, asks, waits for or failed with. */
  readonly words: string;
}

const COLOURS = { blocked: 'yellow', failed: 'red', active: 'green', pending: 'cyan', review: 'gray', completed: 'gray' } as const;

export function rowOf(row: TaskReport, report: StatusReport): Row {
  const { task } = row;
  const isPaused = task.pausedAt !== null && !isDone(task);
  const state = isPaused ? 'paused' : task.state === 'active' ? (row.run?.state ?? 'starting') : task.state;
  const colour = needsYou(task, report) === null ? COLOURS[task.state] : COLOURS.blocked;
  return { name: shortName(task.id), title: cleanLine(task.title), state, colour, words: cleanLine(wordsOf(row, report)) };
}

/** Its pull last: on a narrow screen that is what is cut. */
function wordsOf(row: TaskReport, report: StatusReport): string {
  const { pull } = row.task;
  if (pull === null) return ownWords(row, report);
  const needs = needsYou(row.task, report);
  const own = needs !== null ? [needs] : isDone(row.task) ? [] : [ownWords(row, report)];
  return [...own, pullWords(pull, report.pulls, report.at)].join(' · ');
}

function ownWords({ task, run }: TaskReport, report: StatusReport): string {
  const { at } = report;
  switch (task.state) {
    case 'blocked':
      return `asks: ${task.question}`;
    case 'failed':
      return `${task.failure.type}: ${task.failure.message}`;
    case 'completed':
    case 'review':
      return `branch ${task.branch}`;
    case 'pending': {
      if (task.pausedAt !== null) return 'paused by a person: p lets it go on';
      return waitsFor(task, report).join(' · ');
    }
    case 'active': {
      if (run === null) return '';
      const { stream } = run;
      const heard = stream.lastEventAt === null ? 'nothing heard yet' : `${age(at - stream.lastEventAt)} ago`;
      const spent = isFree(stream.spend) ? '' : ` · ${moneyWords(stream.spend)}`;
      const attempt = run.attempt > 1 ? ` · attempt ${run.attempt}` : '';
      const where = machineOf(run) === null ? '' : `on ${machineOf(run)} · `;
      return `${where}${doing(task.id, stream.activity) ?? 'no activity yet'} · ${heard}${attempt}${spent}`;
    }
  }
}

/** What stands above the list: who runs, how many slots, and what a person must know. */
export function headOf(report: StatusReport): { readonly line: string; readonly warnings: readonly string[] } {
  const { daemon, slots, counts, health, recent, at } = report;
  const who = daemon === null ? 'no daemon runs' : `daemon ${daemon.pid ?? '?'} for ${age(at - (daemon.since ?? at))}`;
  const line = `${who} · ${slots.used}/${slots.of ?? '?'} slots · ${counts.pending} waiting · ${counts.blocked} ask · ${counts.failed} failed${machinesOf(report)} · health ${healthWords(health, recent)}`;
  const alone = daemon === null ? ['read only: nothing can be steered while no daemon runs'] : [];
  const shown = warningsOf(report).filter(({ what }) => SHOWN.has(what));
  return { line, warnings: [...alone, ...shown.map(({ text }) => cleanLine(text))] };
}

/** Nothing where this machine does all the work. */
function machinesOf({ machines, at }: StatusReport): string {
  const all = machines?.machines ?? [];
  const answering = all.filter((one) => silenceOfMachine(one, at) === null);
  return all.length === 0 ? '' : ` · ${answering.length} of ${all.length} machines answer`;
}

/** Each line of them is one of the list less: `status` has the others. */
const SHOWN: ReadonlySet<Warning['what']> = new Set([
  'hindered',
  'silent',
  'trouble',
  'old',
  'held',
  'paused',
  'parked',
  'github',
  'machine',
]);

/** Which of `count` rows are shown on `height` lines, so that `selected` is among them. */
export function windowOf(count: number, selected: number, height: number): { readonly from: number; readonly to: number } {
  const room = Math.max(1, height);
  const from = Math.max(0, Math.min(selected - Math.floor(room / 2), count - room));
  return { from, to: Math.min(count, from + room) };
}
