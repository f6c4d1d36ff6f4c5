import { warningsNow } from '../core/explain-run.ts';
import type { Parking } from '../core/fleet.ts';
import type { Run } from '../core/run.ts';
import type { Ms } from '../core/seen.ts';
import type { Task } from '../core/task.ts';
import type { SeenAt } from '../engine/surfaces.ts';
import { pullJson } from './pull-json.ts';
import { type StatusReport, type TaskReport, waitsFor } from './status-report.ts';

const iso = (ms: Ms | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());

/**
 * The shape of `status --json`, as docs/status.md and schema/status.schema.json have it: snake case, times ISO 8601, sizes in bytes, what is not
 * there or not known null. Names are stable: add, never rename.
 */
export function statusJson(report: StatusReport) {
  const { daemon, seen, fleet, usage } = report;
  return {
    at: iso(report.at),
    root: report.root,
    daemon: daemon === null ? null : { pid: daemon.pid, since: iso(daemon.since), host: daemon.host },
    draining: seen?.draining ?? false,
    /** When the daemon last wrote down what it saw. */
    seen_at: iso(seenAt(report)),
    trouble: report.trouble === null ? null : { at: iso(report.trouble.at), message: report.trouble.message },
    damage: report.damage === null ? null : { ...report.damage, at: iso(report.damage.at) },
    issues: seenJson(seen?.issues ?? null),
    pulls: seenJson(seen?.pulls ?? null),
    github_limit: limitJson(seen?.limit ?? null),
    slots: report.slots,
    containment: seen?.workers ?? null,
    paused_at: iso(fleet.pausedAt),
    parked: fleet.parked === null ? null : parkedJson(fleet.parked),
    spend_today: { usd: report.spentToday, cap_usd: seen?.usdPerDay ?? null },
    machine: machineJson(usage?.machine ?? null),
    alerts: report.alerts.map(({ key, rule, task, text, hint, since }) => ({ key, rule, task, text, hint, since: iso(since) })),
    health: report.health,
    counters: report.counters,
    counts: report.counts,
    problems: (seen?.problems ?? []).map(({ line, message, hint }) => ({ line, message, hint })),
    held_edit: seen?.held ?? null,
    notes: (seen?.notes ?? []).map(({ task, text, until }) => ({ task, text, until: iso(until) })),
    tasks: report.tasks.map((row) => taskJson(row, report)),
  };
}

/** The newest of what the daemon wrote: itself, or its look at the machine. Null: no daemon ever ran here. */
export function seenAt({ seen, usage }: StatusReport): Ms | null {
  const newest = Math.max(seen?.at ?? 0, usage?.at ?? 0);
  return newest === 0 ? null : newest;
}

const seenJson = (seen: SeenAt | null) =>
  seen === null
    ? null
    : seen.known
      ? { known: true, at: iso(seen.at), count: seen.count, because: null, since: null }
      : { known: false, at: null, count: null, because: seen.because, since: seen.since > 0 ? iso(seen.since) : null };

const parkedJson = ({ type, message, run, since, until }: Parking) => ({ type, message, run, since: iso(since), until: iso(until) });

const limitJson = (limit: NonNullable<StatusReport['seen']>['limit'] | null) =>
  limit == null ? null : { limit: limit.limit, remaining: limit.remaining, reset_at: iso(limit.resetAt) };

function machineJson(machine: NonNullable<StatusReport['usage']>['machine']) {
  if (machine === null) return null;
  return {
    memory_free: machine.freeMemoryBytes,
    memory: machine.memoryBytes ?? null,
    disk_free: machine.freeDiskBytes,
    disk: machine.diskBytes ?? null,
    load_per_core: machine.loadPerCore,
    cpu_share: machine.cpuShare ?? null,
    temperatures: machine.temperatures ?? {},
  };
}

function taskJson({ task, run }: TaskReport, { seen, usage, pulls }: StatusReport) {
  return {
    id: task.id,
    title: task.title,
    state: task.state,
    priority: task.priority,
    attempts: task.attempts,
    branch: task.branch,
    pull: task.pull === null ? null : pullJson(task.pull, pulls.get(task.pull.number)),
    reason: task.state === 'failed' ? reasonJson(task.failure) : null,
    question: task.state === 'blocked' ? task.question : null,
    waits_for: task.state === 'pending' ? (waitsFor(task, seen)?.join('; ') ?? null) : null,
    retry_at: task.state === 'pending' ? iso(task.retryAt) : null,
    paused_at: iso(task.pausedAt),
    ended_at: task.state === 'failed' || task.state === 'completed' ? iso(task.at) : null,
    run: run === null ? null : { ...runJson(run), usage: usageJson(usage?.workers[run.id]) },
  };
}

const reasonJson = ({ type, message, at, by, until }: Extract<Task, { state: 'failed' }>['failure']) => ({
  ...{ type, message, by: by ?? null, at: iso(at), until: iso(until) },
});

function runJson(run: Run) {
  const { stream, settlement } = run;
  const isLive = run.state === 'running' || run.state === 'stopping';
  return {
    id: run.id,
    state: run.state,
    attempt: run.attempt,
    pid: isLive ? run.process.pid : null,
    model: stream.model,
    started_at: 'startedAt' in run ? iso(run.startedAt) : null,
    activity: stream.activity,
    last_event_at: iso(stream.lastEventAt),
    turns: stream.turns,
    warnings: warningsNow(run).map(({ by, text, at }) => ({ by, text, at: iso(at) })),
    spend: stream.spend,
    verified: settlement.verified?.ok ?? null,
    problem: run.problem === null ? null : { step: run.problem.step, message: run.problem.message, retry_at: iso(run.problem.retryAt) },
  };
}

const usageJson = (usage: NonNullable<StatusReport['usage']>['workers'][`w-${string}`] | undefined) =>
  usage === undefined ? null : { processes: usage.processes, memory: usage.memoryBytes, cpu_seconds: usage.cpuSeconds };
