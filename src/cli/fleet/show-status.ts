import { hintOf } from '../../core/advice/hints.ts';
import { failingWords, isHeldUp } from '../../core/explain/held-up.ts';
import { machineWords } from '../../core/explain/machine-words.ts';
import { healthWords } from '../../core/household/health.ts';
import { spentWords } from '../../core/limits/allowance-words.ts';
import { silenceOfMachine } from '../../core/limits/machines-seen.ts';
import { isFree, moneyWords } from '../../core/limits/spend.ts';
import { besidesOf } from '../../core/words/left-words.ts';
import { age } from '../../core/words/span.ts';
import { findPlace } from '../../place/place.ts';
import { pullWords } from '../../read/pull-words.ts';
import type { TaskReport } from '../../read/shown-tasks.ts';
import { groupOf, needsYou, notTaken, pausedWords, type StatusReport, waitsFor } from '../../read/status.ts';
import { statusAt } from '../../read/status-at.ts';
import { seenAt, statusJson } from '../../read/status-json.ts';
import { type Warning, warningsOf } from '../../read/warnings.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { counted } from '../../transcript/show/quantities.ts';
import { onScreen } from '../ground/on-screen.ts';
import { say } from '../ground/say.ts';
import { bytes, paint, short } from '../ground/style.ts';
import { version } from '../ground/version.ts';
import { runWords } from './run-words.ts';

export async function showStatus(from: string, json: boolean): Promise<void> {
  const place = await findPlace(from, process.env);
  const report = statusAt(place);
  say(json ? `${JSON.stringify(statusJson(report, place.root), null, 2)}\n` : statusText(report));
}

/** Draws anew once a second until Ctrl-C; the terminal is as before afterwards. */
export async function watchStatus(from: string): Promise<void> {
  const project = await findPlace(from, process.env);
  const place = process.stdout.isTTY ? '\x1b[H\x1b[J' : '';
  if (process.stdout.isTTY) process.stdout.write('\x1b[?1049h\x1b[?25l');
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setInterval(() => draw(), 1000);
      const leave = (how: () => void): void => {
        clearInterval(timer);
        how();
      };
      const draw = (): void => {
        try {
          process.stdout.write(`${place}${onScreen(statusText(statusAt(project)), process.stdout)}`);
        } catch (error) {
          // The terminal is put right before the reason is said.
          leave(() => reject(error));
        }
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => leave(resolve));
      // Nobody reads any more.
      process.stdout.once('error', () => leave(resolve));
      draw();
    });
  } finally {
    if (process.stdout.isTTY) process.stdout.write('\x1b[?25h\x1b[?1049l');
  }
}

export function statusText(report: StatusReport): string {
  const out = [headLine(report), ...worldLine(report), ...warningsOf(report).flatMap(warningLines)];
  for (const [title, group, state] of SECTIONS) {
    const rows = report.tasks.filter((row) => groupOf(row, report) === group);
    if (rows.length === 0) continue;
    const older = state === null ? 0 : (report.counts[state] ?? 0) - report.tasks.filter(({ task }) => task.state === state).length;
    out.push('', paint('bold', older > 0 ? `${title} (${rows.length} of ${rows.length + older})` : title));
    for (const row of rows) out.push(...taskLines(row, report));
  }
  out.push(...machineLines(report));
  const others = notTaken(report);
  if (others.length > 0) out.push('', paint('bold', 'Labelled, not in the queue'));
  for (const { id, text } of others) out.push(`  ${paint('cyan', id.padEnd(8))} ${paint('dim', cleanLine(text))}`);
  if (report.tasks.length === 0 && others.length === 0 && report.hindrance === null) out.push('', 'The queue is empty.');
  return `${out.join('\n')}\n`;
}

/** Nothing where no other machine works. */
function machineLines({ machines, at }: StatusReport): readonly string[] {
  if (machines === null || machines.machines.length === 0) return [];
  const lines = machines.machines.map(
    (one) =>
      `  ${paint(silenceOfMachine(one, at) === null ? 'cyan' : 'red', one.name.padEnd(8))} ${cleanLine(machineWords(one, at, version()))}`,
  );
  return ['', paint('bold', 'Machines'), ...lines];
}

const SECTIONS = [
  ['Needs you', 'needs_you', null],
  ['Failed', 'failed', 'failed'],
  ['Running', 'running', null],
  ['Waiting', 'waiting', 'pending'],
  ['In review', 'review', 'review'],
  ['Done today', 'done', null],
] as const;

function headLine({ daemon, slots, health, recent, counters, at }: StatusReport): string {
  const who =
    daemon === null
      ? paint('yellow', 'no daemon runs')
      : paint('green', `daemon ${daemon.pid ?? '?'} since ${age(at - (daemon.since ?? at))}`);
  const { workers_launched, workers_completed, workers_failed, prs_created, worktree_errors } = counters;
  const numbers = `${workers_launched} launched, ${workers_completed} completed, ${workers_failed} failed, ${counted(prs_created, 'pull')}, ${counted(worktree_errors, 'worktree error')}`;
  return `${who} · ${slots.used}/${slots.of ?? '?'} slots · health ${healthWords(health, recent)} · ${numbers}`;
}

/** GitHub, money, disk, memory, processor and heat, each as far as it is known, and how old that is. */
function worldLine(report: StatusReport): readonly string[] {
  const { at, seen, usage, spentToday } = report;
  const written = seenAt(report);
  if (written === null) return [];
  const machine = usage?.machine ?? null;
  const { limit = null, remaining = null } = seen?.limit ?? {};
  const heat = Math.max(...Object.values(machine?.temperatures ?? {}));
  const parts = [
    ...(seen?.issues?.known === true ? [`GitHub ${age(at - seen.issues.at)} ago`] : []),
    ...(remaining === null
      ? []
      : [`${short(remaining)}${limit === null ? '' : ` of ${short(limit)}`} requests left${spentWords(seen?.limit?.spent ?? [], short)}`]),
    ...(isFree(spentToday) ? [] : [`${moneyWords(spentToday)}${seen?.usdPerDay === undefined ? '' : ` of $${seen.usdPerDay}`} today`]),
    ...(machine === null ? [] : [`${bytes(machine.freeDiskBytes)} disk free`, `${bytes(machine.freeMemoryBytes)} memory free`]),
    ...(machine?.cpuShare === undefined ? [] : [`processor ${Math.round(machine.cpuShare * 100)} %`]),
    ...(Number.isFinite(heat) ? [`${heat.toFixed(0)} °C`] : []),
    ...(seen?.sandbox === undefined ? [] : [SANDBOX[seen.sandbox]]),
    `seen ${age(at - written)} ago`,
  ];
  return [paint('dim', parts.join(' · '))];
}

const SANDBOX = {
  bwrap: 'sandbox bubblewrap',
  container: 'sandbox of an image',
  none: 'no sandbox',
  unchosen: 'no sandbox',
} as const;

const LEVELS = { bad: 'red', warn: 'yellow', note: 'dim' } as const;

const warningLines = ({ level, text, hint }: Warning): readonly string[] => [
  paint(LEVELS[level], cleanLine(text)),
  ...(hint === null ? [] : [paint('dim', hint)]),
];

function taskLines({ task, run }: TaskReport, report: StatusReport): string[] {
  const { at } = report;
  const head = `  ${paint('cyan', task.id.padEnd(8))} ${cleanLine(task.title.replace(/\s+/g, ' '))}`;
  const dim = (text: string): string => `           ${paint('dim', cleanLine(text))}`;
  const first = (text: string): string => dim(text.split('\n')[0] ?? '');
  const pull = task.pull === null ? [] : [dim(`${pullWords(task.pull, report.pulls, at)} · ${task.pull.url}`)];
  const more = (text: string): string[] => [head, first(text), ...pull];
  const fails = failingWords(run, at)?.split('\n').join(' · ') ?? null;
  // What is over is told on the issue at last.
  const untold = fails === null ? [] : [dim(fails)];
  switch (task.state) {
    case 'blocked':
      return [...more(`asks: ${task.question}`), ...untold];
    case 'failed':
      return [
        head,
        first(`${task.failure.type}: ${task.failure.message}`),
        dim(hintOf(task.failure, { task: task.id, failed: true })),
        ...untold,
        ...pull,
      ];
    case 'active':
      return isHeldUp(run) ? [head, dim(`its work is done; ${fails}`), ...pull] : more(runWords(run, report).join(' · '));
    case 'pending': {
      const since = task.waits === undefined ? [] : [`for ${age(at - task.waits.since)}`];
      return more([...waitsFor(task, report), ...since].join(' · '));
    }
    case 'completed':
    case 'review': {
      const needs = needsYou(task, report);
      const paused = task.state === 'review' ? pausedWords(task, at) : [];
      const why = [...(needs === null ? [] : [needs]), ...paused].map(first);
      return [
        ...(task.pull === null ? more(`branch ${task.branch}`) : [head, ...why, ...pull]),
        ...untold,
        ...besidesOf(run?.settlement ?? {}).map(first),
      ];
    }
  }
}
