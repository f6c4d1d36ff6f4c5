import { iso } from '../api/iso.ts';
import type { RunRow, TaskRow } from '../api/row.ts';
import type { Status } from '../api/state.ts';
import { agentName } from '../core/agent/which.ts';
import { doing } from '../core/explain/doing.ts';
import { warningsNow } from '../core/explain/explain-run.ts';
import { silenceOfMachine } from '../core/limits/machines-seen.ts';
import { endOf, machineOf, type Parking, parkings } from '../core/model/fleet.ts';
import type { Run } from '../core/model/run.ts';
import type { Ms } from '../core/model/seen.ts';
import { isDone, type Task } from '../core/model/task.ts';
import { wordOf } from '../core/review/checks.ts';
import { type Evidence, evidenceOf, headsAgree } from '../core/review/evidence.ts';
import { stepWords } from '../core/tick/step-words.ts';
import { redactor } from '../core/words/secrets.ts';
import type { SeenAt } from '../engine/ports/records/facts.ts';
import { pullJson } from './pull-json.ts';
import type { TaskReport } from './shown-tasks.ts';
import { groupOf, type Known, needsYou, type StatusReport, waitsFor } from './status.ts';

/**
 * The shape of `status --json`, as docs/status.md and schema/status.schema.json have it: snake case, times ISO 8601, sizes in bytes, what is not
 * there or not known null. Names are stable: add, never rename.
 */
export function statusJson(report: StatusReport, root: string): Status {
  const { daemon, seen, fleet, usage } = report;
  return {
    at: iso(report.at),
    root,
    daemon: daemon === null ? null : { pid: daemon.pid, since: iso(daemon.since), host: daemon.host },
    draining: seen?.draining ?? false,
    /** When the daemon last wrote down what it saw. */
    seen_at: iso(seenAt(report)),
    trouble: troubleJson(report),
    damage: report.damage === null ? null : { ...report.damage, at: iso(report.damage.at) },
    slow: report.slow === null ? null : { ...report.slow, at: iso(report.slow.at) },
    issues: seenJson(seen?.issues ?? null),
    pulls: seenJson(seen?.pulls ?? null),
    github_limit: limitJson(seen?.limit ?? null),
    slots: report.slots,
    containment: seen?.workers ?? null,
    sandbox: seen?.sandbox ?? null,
    refused: report.refused.map(({ at, run, task, host, why }) => ({ at: iso(at), run, task, host, why })),
    traffic: report.traffic.map(({ task, host, requests, sent, received }) => ({ task, host, requests, sent, received })),
    paused_at: iso(fleet.pausedAt),
    parked: fleet.parked === null || fleet.parked.login !== undefined ? null : parkedJson(fleet.parked),
    parked_logins: parkings(fleet).flatMap(({ parking }) =>
      parking.login === undefined ? [] : [{ login: parking.login, ...parkedJson(parking) }],
    ),
    spend_today: { ...report.spentToday, cap_usd: seen?.usdPerDay ?? null },
    machine: machineJson(usage?.machine ?? null),
    machines: machinesJson(report),
    alerts: report.alerts.map(({ key, rule, task, text, hint, since }) => ({ key, rule, task, text, hint, since: iso(since) })),
    health: report.health,
    recent: report.recent,
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

/** What cannot be written down now comes first: since when is not known. */
const troubleJson = ({ hindrance, trouble }: StatusReport) =>
  hindrance !== null
    ? { at: null, message: `nothing can be written down now: ${hindrance}` }
    : trouble === null
      ? null
      : { at: iso(trouble.at), message: trouble.message };

const seenJson = (seen: SeenAt | null) =>
  seen === null
    ? null
    : seen.known
      ? { known: true, at: iso(seen.at), count: seen.count, because: null, since: null }
      : { known: false, at: null, count: null, because: seen.because, since: seen.since > 0 ? iso(seen.since) : null };

const parkedJson = (parking: Parking) => {
  const { type, message, run, since } = parking;
  return { type, message, run, since: iso(since), until: iso(endOf(parking)) };
};

const limitJson = (limit: NonNullable<StatusReport['seen']>['limit'] | null) =>
  limit == null
    ? null
    : {
        ...{ limit: limit.limit, remaining: limit.remaining, reset_at: iso(limit.resetAt) },
        held: limit.held == null ? null : { until: iso(limit.held.until), because: limit.held.because },
        spent: [...(limit.spent ?? [])],
      };

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

const machinesJson = ({ machines, at }: StatusReport): Status['machines'] =>
  (machines?.machines ?? []).map((one) => ({
    ...{ name: one.name, answers: silenceOfMachine(one, at) === null, heard_at: iso(one.heardAt), slots: one.slots },
    ...{ runs: [...one.runs], labels: [...one.labels], load_per_core: one.loadPerCore, disk_free: one.freeDiskBytes },
    ...{ memory_free: one.freeMemoryBytes, version: one.version, draining: one.draining, given_up: one.forgotten, broken: one.broken },
  }));

/** Words of agents: a key in them is nobody's to read. */
const redact = redactor([]);

/** A task as a row of the fleet. */
export function taskJson(row: TaskReport, report: Known & Pick<StatusReport, 'usage' | 'pulls'>): TaskRow {
  const { task, run } = row;
  const { usage, pulls } = report;
  return {
    id: task.id,
    title: task.title,
    state: task.state,
    group: groupOf(row, report),
    priority: task.priority,
    attempts: task.attempts,
    branch: task.branch,
    pull: task.pull === null ? null : pullJson(task.pull, pulls.get(task.pull.number)),
    reason: task.state === 'failed' ? reasonJson(task.failure) : null,
    question: task.state === 'blocked' ? redact(task.question) : null,
    evidence: isDone(task) && run !== null ? evidenceJson(evidenceOf(task, run, pulls)) : null,
    awaits_approval: task.state === 'blocked' && run?.settlement.held !== undefined,
    needs_you: needsYou(task, report),
    waits_for: task.state === 'pending' ? waitsFor(task, report).join('; ') : null,
    race: task.race === undefined ? null : { racers: task.race.racers, winner: task.race.winner ?? null, why: task.race.why ?? null },
    retry_at: task.state === 'pending' ? iso(task.retryAt) : null,
    paused_at: iso(task.pausedAt),
    ended_at: task.state === 'failed' || isDone(task) ? iso(task.at) : null,
    since: iso(task.state === 'pending' ? task.addedAt : task.state === 'active' ? task.startedAt : task.at),
    run: run === null ? null : runJson(run, usage),
  };
}

const evidenceJson = (evidence: Evidence) => ({
  heads: { pushed: evidence.pushed, worktree: evidence.worktree, pull: evidence.pull },
  heads_agree: headsAgree(evidence),
  tests:
    evidence.tests === null
      ? null
      : { command: evidence.tests.command, after_last_change: evidence.tests.fresh, passed: evidence.tests.ok },
  checks: evidence.checks === null ? null : wordOf(evidence.checks),
  files: evidence.files?.count ?? null,
  left_out: evidence.left?.names ?? [],
});

const reasonJson = ({ type, message, at, by, until }: Extract<Task, { state: 'failed' }>['failure']) => ({
  ...{ type, message: redact(message), by: by ?? null, at: iso(at), until: iso(until) },
});

/** A run as a row of the fleet. */
export function runJson(run: Run, usage: StatusReport['usage']): RunRow {
  const { stream, settlement } = run;
  const isLive = run.state === 'running' || run.state === 'stopping';
  return {
    id: run.id,
    state: run.state,
    attempt: run.attempt,
    pid: isLive ? run.process.pid : null,
    machine: machineOf(run),
    agent: agentName(run.agent),
    model: stream.model,
    started_at: 'startedAt' in run ? iso(run.startedAt) : null,
    activity: doing(run.task, stream.activity),
    last_event_at: iso(stream.lastEventAt),
    turns: stream.turns,
    warnings: warningsNow(run).map(({ by, text, at }) => ({ by, text, at: iso(at) })),
    spend: stream.spend,
    verified: settlement.verified?.ok ?? null,
    problem:
      run.problem === null
        ? null
        : {
            step: run.problem.step,
            words: stepWords(run.problem.step),
            message: redact(run.problem.message),
            retry_at: iso(run.problem.retryAt),
          },
    usage: usageJson(usage?.workers[run.id]),
  };
}

const usageJson = (usage: NonNullable<StatusReport['usage']>['workers'][`w-${string}`] | undefined) =>
  usage === undefined ? null : { processes: usage.processes, memory: usage.memoryBytes, cpu_seconds: usage.cpuSeconds };
