import type { Rule } from '../core/alerts/alert.ts';
import { warningsNow } from '../core/explain-run.ts';
import { HINTS } from '../core/failure.ts';
import { goesOn, isParked } from '../core/fleet.ts';
import type { Spend } from '../core/run.ts';
import { findPlace } from '../place.ts';
import { cleanLine } from '../transcript/clean.ts';
import { onScreen } from './on-screen.ts';
import { pullWords } from './pull-words.ts';
import { seenAt, statusJson } from './status-json.ts';
import { readStatus, type StatusReport, type TaskReport, waitsFor } from './status-report.ts';
import { age, bytes, paint, short } from './style.ts';

export async function showStatus(from: string, json: boolean): Promise<void> {
  const report = readStatus(await findPlace(from, process.env));
  process.stdout.write(json ? `${JSON.stringify(statusJson(report), null, 2)}\n` : statusText(report));
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
          process.stdout.write(`${place}${onScreen(statusText(readStatus(project)), process.stdout)}`);
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
  const out = [headLine(report), ...worldLine(report), ...warnings(report)];
  for (const [title, states] of SECTIONS) {
    const rows = report.tasks.filter(({ task }) => states === task.state);
    if (rows.length === 0) continue;
    const total = report.counts[states];
    out.push('', paint('bold', rows.length < total && states !== 'completed' ? `${title} (${rows.length} of ${total})` : title));
    for (const row of rows) out.push(...taskLines(row, report));
  }
  if (report.tasks.length === 0) out.push('', 'The queue is empty.');
  return `${out.join('\n')}\n`;
}

const SECTIONS = [
  ['Needs you', 'blocked'],
  ['Failed', 'failed'],
  ['Running', 'active'],
  ['Waiting', 'pending'],
  ['Done today', 'completed'],
] as const;

function headLine({ daemon, slots, health, counters, at }: StatusReport): string {
  const who =
    daemon === null
      ? paint('yellow', 'no daemon runs')
      : paint('green', `daemon ${daemon.pid ?? '?'} since ${age(at - (daemon.since ?? at))}`);
  const { workers_launched, workers_completed, workers_failed, prs_created, worktree_errors } = counters;
  const numbers = `${workers_launched} launched, ${workers_completed} completed, ${workers_failed} failed, ${prs_created} pulls, ${worktree_errors} worktree errors`;
  return `${who} · ${slots.used}/${slots.of ?? '?'} slots · health ${health} · ${numbers}`;
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
    ...(remaining === null ? [] : [`${short(remaining)}${limit === null ? '' : ` of ${short(limit)}`} requests left`]),
    ...(spentToday > 0 ? [`$${spentToday.toFixed(2)}${seen?.usdPerDay === undefined ? '' : ` of $${seen.usdPerDay}`} today`] : []),
    ...(machine === null ? [] : [`${bytes(machine.freeDiskBytes)} disk free`, `${bytes(machine.freeMemoryBytes)} memory free`]),
    ...(machine?.cpuShare === undefined ? [] : [`processor ${Math.round(machine.cpuShare * 100)} %`]),
    ...(Number.isFinite(heat) ? [`${heat.toFixed(0)} °C`] : []),
    `seen ${age(at - written)} ago`,
  ];
  return [paint('dim', parts.join(' · '))];
}

function warnings({ fleet, seen, at, daemon, trouble, damage, alerts }: StatusReport): string[] {
  const out: string[] = [];
  if (trouble !== null) out.push(paint('red', `the daemon’s loop fails for ${age(at - trouble.at)}: ${trouble.message} (logs/tac8.log)`));
  if (damage !== null) out.push(paint('red', `${damage.message}, ${age(at - damage.at)} ago: kept as ${damage.kept}, a new one was begun`));
  if (daemon === null && seen !== null) out.push(paint('dim', `what follows was written ${age(at - seen.at)} ago and may be old`));
  if (seen?.held) out.push(paint('yellow', `tasks.md: ${seen.held.message} — ${seen.held.hint}`));
  if (fleet.pausedAt !== null) out.push(paint('yellow', `paused for ${age(at - fleet.pausedAt)}: \`tac8 resume\` goes on`));
  if (fleet.parked !== null && isParked(fleet, at)) {
    const until = fleet.parked.until === null ? goesOn(fleet.parked) : `goes on in ${age(fleet.parked.until - at)}`;
    out.push(paint('yellow', `parked: ${fleet.parked.type}: ${fleet.parked.message} — ${until}`), paint('dim', HINTS[fleet.parked.type]));
  }
  if (seen?.issues?.known === false && seen.issues.since > 0)
    out.push(paint('yellow', `GitHub unknown for ${age(at - seen.issues.since)}: ${seen.issues.because}`));
  for (const { rule, task, text, since } of alerts)
    if (task === null && !SHOWN_ELSEWHERE.has(rule)) out.push(paint('yellow', cleanLine(`${text} (for ${age(at - since)})`)));
  for (const { line, message, hint } of seen?.problems ?? []) out.push(paint('yellow', `tasks.md:${line}: ${message} — ${hint}`));
  if (seen?.workers?.memory != null) out.push(paint('dim', `a worker’s memory is not limited: ${seen.workers.memory}`));
  for (const note of seen?.notes ?? []) if (note.task === null && !SAID_ABOVE.test(note.text)) out.push(paint('dim', note.text));
  return out;
}

/** Alerts on what has a line of its own. */
const SHOWN_ELSEWHERE: ReadonlySet<Rule> = new Set(['needs_person', 'github_down', 'budget']);

/** Notes on what has a line of its own, with its age. */
const SAID_ABOVE = /^(?:GitHub|parked|the fleet is paused):/;

function taskLines({ task, run }: TaskReport, report: StatusReport): string[] {
  const { at, seen } = report;
  const head = `  ${paint('cyan', task.id.padEnd(8))} ${cleanLine(task.title.replace(/\s+/g, ' '))}`;
  const dim = (text: string): string => `           ${paint('dim', cleanLine(text))}`;
  const first = (text: string): string => dim(text.split('\n')[0] ?? '');
  const pull = task.pull === null ? [] : [dim(`${pullWords(task.pull, report.pulls, at)} · ${task.pull.url}`)];
  const more = (text: string): string[] => [head, first(text), ...pull];
  switch (task.state) {
    case 'blocked':
      return more(`asks: ${task.question}`);
    case 'failed':
      return [head, first(`${task.failure.type}: ${task.failure.message}`), dim(HINTS[task.failure.type]), ...pull];
    case 'active':
      return more(runWords(run, report));
    case 'pending': {
      const notes = waitsFor(task, seen);
      const since = task.waits === undefined ? [] : [`for ${age(at - task.waits.since)}`];
      const wait =
        task.retryAt !== null && task.retryAt > at
          ? `backing off for ${age(task.retryAt - at)} after ${task.last?.type ?? 'a failure'}`
          : null;
      return more(notes !== null ? [...notes, ...since].join(' · ') : (wait ?? `priority ${task.priority}, ready`));
    }
    case 'completed':
      return task.pull === null ? more(`branch ${task.branch}`) : [head, ...pull];
  }
}

function runWords(run: TaskReport['run'], { at, usage }: StatusReport): string {
  if (run === null) return 'starting';
  const { stream } = run;
  const used = usage?.workers[run.id];
  const startedAt = 'startedAt' in run ? run.startedAt : null;
  const parts = [
    run.state,
    ...(run.state === 'running' || run.state === 'stopping' ? [`pid ${run.process.pid}`] : []),
    `attempt ${run.attempt}`,
    ...(startedAt === null ? [] : [`for ${age(at - startedAt)}`]),
    stream.activity ?? 'no activity yet',
    stream.lastEventAt === null ? 'nothing heard yet' : `heard ${age(at - stream.lastEventAt)} ago`,
    ...spendWords(stream.spend),
    ...(used === undefined ? [] : [`${bytes(used.memoryBytes)} in ${used.processes} process${used.processes === 1 ? '' : 'es'}`]),
    ...(run.settlement.verified === undefined ? [] : [run.settlement.verified.ok ? 'checks green' : 'checks red']),
    ...warningsNow(run).map(({ by, text }) => `${by}: ${text}`),
    ...(run.problem === null ? [] : [`${run.problem.step}: ${run.problem.message}`]),
  ];
  return parts.join(' · ');
}

function spendWords(spend: Spend): readonly string[] {
  const tokens = spend.inputTokens + spend.outputTokens + spend.cacheReadTokens + spend.cacheWriteTokens;
  return [...(tokens > 0 ? [`${short(tokens)} tokens`] : []), ...(spend.usd > 0 ? [`$${spend.usd.toFixed(2)}`] : [])];
}
