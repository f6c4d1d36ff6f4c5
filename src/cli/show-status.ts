import { warningsNow } from '../core/explain-run.ts';
import { HINTS } from '../core/failure.ts';
import { goesOn, isParked } from '../core/fleet.ts';
import { findPlace } from '../place.ts';
import { readStatus, type StatusReport, type TaskReport } from './status-report.ts';
import { age, paint } from './style.ts';

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
    await new Promise<void>((resolve) => {
      const draw = (): void => void process.stdout.write(`${place}${statusText(readStatus(project))}`);
      draw();
      const timer = setInterval(draw, 1000);
      const leave = (): void => {
        clearInterval(timer);
        resolve();
      };
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, leave);
      // Nobody reads any more.
      process.stdout.once('error', leave);
    });
  } finally {
    if (process.stdout.isTTY) process.stdout.write('\x1b[?25h\x1b[?1049l');
  }
}

/** The documented shape of `status --json`: snake case, times ISO 8601, absent things null. */
export function statusJson(report: StatusReport) {
  const iso = (ms: number | null): string | null => (ms === null ? null : new Date(ms).toISOString());
  const { daemon, seen } = report;
  return {
    at: iso(report.at),
    root: report.root,
    daemon: daemon === null ? null : { pid: daemon.pid, since: iso(daemon.since), host: daemon.host },
    draining: seen?.draining ?? false,
    trouble: report.trouble === null ? null : { at: iso(report.trouble.at), message: report.trouble.message },
    damage: report.damage === null ? null : { ...report.damage, at: iso(report.damage.at) },
    issues: seen?.issues ?? null,
    slots: report.slots,
    containment: seen?.workers ?? null,
    paused_at: iso(report.fleet.pausedAt),
    parked: report.fleet.parked,
    health: report.health,
    counters: report.counters,
    counts: report.counts,
    problems: seen?.problems ?? [],
    held_edit: seen?.held ?? null,
    notes: seen?.notes ?? [],
    tasks: report.tasks.map(({ task, run }) => ({
      id: task.id,
      title: task.title,
      state: task.state,
      priority: task.priority,
      attempts: task.attempts,
      branch: task.branch,
      pull: task.pull,
      reason: task.state === 'failed' ? task.failure : null,
      question: task.state === 'blocked' ? task.question : null,
      retry_at: task.state === 'pending' ? iso(task.retryAt) : null,
      run: run === null ? null : runJson(run),
    })),
  };
}

function runJson(run: NonNullable<TaskReport['run']>) {
  const { stream } = run;
  const pid = run.state === 'running' || run.state === 'stopping' ? run.process.pid : null;
  const last = stream.lastEventAt === null ? null : new Date(stream.lastEventAt).toISOString();
  return {
    id: run.id,
    state: run.state,
    attempt: run.attempt,
    pid,
    activity: stream.activity,
    last_event_at: last,
    turns: stream.turns,
    warnings: warningsNow(run),
    spend: stream.spend,
  };
}

export function statusText(report: StatusReport): string {
  const out = [headLine(report), ...warnings(report)];
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

function warnings({ fleet, seen, at, daemon, trouble, damage }: StatusReport): string[] {
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
  for (const { line, message, hint } of seen?.problems ?? []) out.push(paint('yellow', `tasks.md:${line}: ${message} — ${hint}`));
  if (seen?.workers?.memory != null) out.push(paint('dim', `a worker’s memory is not limited: ${seen.workers.memory}`));
  for (const note of seen?.notes ?? []) if (note.task === null && !SAID_ABOVE.test(note.text)) out.push(paint('dim', note.text));
  return out;
}

/** Notes on what has a line of its own, with its age. */
const SAID_ABOVE = /^(?:GitHub|parked|the fleet is paused):/;

function taskLines({ task, run }: TaskReport, { at, seen }: StatusReport): string[] {
  const head = `  ${paint('cyan', task.id.padEnd(8))} ${task.title.replace(/\s+/g, ' ')}`;
  const more = (text: string): string[] => [head, `           ${paint('dim', text.split('\n')[0] ?? '')}`];
  switch (task.state) {
    case 'blocked':
      return more(`asks: ${task.question}`);
    case 'failed':
      return [...more(`${task.failure.type}: ${task.failure.message}`), `           ${paint('dim', HINTS[task.failure.type])}`];
    case 'active':
      return more(runWords(run, at));
    case 'pending': {
      const note = seen?.notes.find((other) => other.task === task.id)?.text;
      const wait =
        task.retryAt !== null && task.retryAt > at
          ? `backing off for ${age(task.retryAt - at)} after ${task.last?.type ?? 'a failure'}`
          : null;
      return more(note ?? wait ?? `priority ${task.priority}, ready`);
    }
    case 'completed':
      return more(task.pull === null ? `branch ${task.branch}` : `#${task.pull.number} ${task.pull.url}`);
  }
}

function runWords(run: TaskReport['run'], at: number): string {
  if (run === null) return 'starting';
  const { stream } = run;
  const pid = run.state === 'running' || run.state === 'stopping' ? ` · pid ${run.process.pid}` : '';
  const heard = stream.lastEventAt === null ? 'nothing heard yet' : `heard ${age(at - stream.lastEventAt)} ago`;
  const spent = stream.spend.usd > 0 ? ` · $${stream.spend.usd.toFixed(2)}` : '';
  const trouble = run.problem === null ? '' : ` · ${run.problem.step}: ${run.problem.message}`;
  const near = warningsNow(run).map(({ by, text }) => ` · ${by}: ${text}`);
  return `${run.state}${pid} · attempt ${run.attempt} · ${stream.activity ?? 'no activity yet'} · ${heard}${spent}${near.join('')}${trouble}`;
}
