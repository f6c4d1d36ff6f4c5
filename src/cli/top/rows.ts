import { cleanLine } from '../../transcript/clean.ts';
import { pullWords } from '../pull-words.ts';
import { type StatusReport, type TaskReport, waitsFor } from '../status-report.ts';
import { age } from '../style.ts';
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

const COLOURS = { blocked: 'yellow', failed: 'red', active: 'green', pending: 'cyan', completed: 'gray' } as const;

export function rowOf(row: TaskReport, report: StatusReport): Row {
  const { task } = row;
  const isPaused = task.pausedAt !== null && task.state !== 'completed';
  const state = isPaused ? 'paused' : task.state === 'active' ? (row.run?.state ?? 'starting') : task.state;
  const colour = COLOURS[task.state];
  return { name: shortName(task.id), title: cleanLine(task.title), state, colour, words: cleanLine(wordsOf(row, report)) };
}

/** Its pull last: on a narrow screen that is what is cut. */
function wordsOf(row: TaskReport, report: StatusReport): string {
  const { pull, state } = row.task;
  if (pull === null) return ownWords(row, report);
  const own = state === 'completed' ? [] : [ownWords(row, report)];
  return [...own, pullWords(pull, report.pulls, report.at)].join(' · ');
}

function ownWords({ task, run }: TaskReport, { at, seen }: StatusReport): string {
  switch (task.state) {
    case 'blocked':
      return `asks: ${task.question}`;
    case 'failed':
      return `${task.failure.type}: ${task.failure.message}`;
    case 'completed':
      return `branch ${task.branch}`;
    case 'pending': {
      if (task.pausedAt !== null) return 'held back by a person: p lets it go on';
      const backoff =
        task.retryAt !== null && task.retryAt > at ? `again in ${age(task.retryAt - at)} after ${task.last?.type ?? 'a failure'}` : null;
      return waitsFor(task, seen)?.join(' · ') ?? backoff ?? `priority ${task.priority}`;
    }
    case 'active': {
      if (run === null) return '';
      const { stream } = run;
      const heard = stream.lastEventAt === null ? 'nothing heard yet' : `${age(at - stream.lastEventAt)} ago`;
      const spent = stream.spend.usd > 0 ? ` · $${stream.spend.usd.toFixed(2)}` : '';
      const attempt = run.attempt > 1 ? ` · attempt ${run.attempt}` : '';
      return `${stream.activity ?? 'no activity yet'} · ${heard}${attempt}${spent}`;
    }
  }
}

/** What stands above the list: who runs, how many slots, and what a person must know. */
export function headOf(report: StatusReport): { readonly line: string; readonly warnings: readonly string[] } {
  const { daemon, slots, counts, health, at, fleet, seen, trouble } = report;
  const who = daemon === null ? 'no daemon runs' : `daemon ${daemon.pid ?? '?'} for ${age(at - (daemon.since ?? at))}`;
  const line = `${who} · ${slots.used}/${slots.of ?? '?'} slots · ${counts.pending} waiting · ${counts.blocked} ask · ${counts.failed} failed · health ${health}`;
  const warnings: string[] = [];
  if (daemon === null)
    warnings.push(`read only: nothing can be steered while no daemon runs${seen === null ? '' : `; written ${age(at - seen.at)} ago`}`);
  if (trouble !== null) warnings.push(`the daemon’s loop fails for ${age(at - trouble.at)}: ${trouble.message}`);
  if (fleet.pausedAt !== null) warnings.push(`paused for ${age(at - fleet.pausedAt)}: P goes on`);
  if (fleet.parked !== null && (fleet.parked.until === null || fleet.parked.until > at))
    warnings.push(
      `parked: ${fleet.parked.type}: ${fleet.parked.message}${fleet.parked.until === null ? '' : `, for ${age(fleet.parked.until - at)}`}`,
    );
  if (seen?.issues?.known === false && seen.issues.since > 0)
    warnings.push(`GitHub unknown for ${age(at - seen.issues.since)}: ${seen.issues.because}`);
  if (seen?.held != null) warnings.push(`tasks.md: ${seen.held.message}`);
  return { line, warnings: warnings.map(cleanLine) };
}

/** Which of `count` rows are shown on `height` lines, so that `selected` is among them. */
export function windowOf(count: number, selected: number, height: number): { readonly from: number; readonly to: number } {
  const room = Math.max(1, height);
  const from = Math.max(0, Math.min(selected - Math.floor(room / 2), count - room));
  return { from, to: Math.min(count, from + room) };
}
