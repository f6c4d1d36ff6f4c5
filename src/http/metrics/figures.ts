import { addSpend } from '../../core/limits/spend.ts';
import { DURATION_BOUNDS, NO_TOTALS, TOTALS_FACT, type Totals } from '../../core/limits/totals.ts';
import { RULES } from '../../core/model/alert.ts';
import { endOf, parkedNow } from '../../core/model/fleet.ts';
import type { Spend } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { Spent } from '../../engine/ports/records/facts.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import type { Pulse } from '../../engine/tell/meter.ts';
import type { Traffic } from '../../read/refused/traffic.ts';
import { type FleetReport, readFleet } from '../../read/status.ts';
import { byLabel, counter, type Family, gauge, type SpreadSample } from './families.ts';
import { machineFamilies, processFamilies, workerFamilies } from './machine-families.ts';

/** What the metrics are made of; all of it is at hand, nothing is asked of GitHub, git or a worker. */
export interface Sources {
  readonly store: Store;
  readonly version: string;
  readonly now: () => Ms;
  readonly pulse: () => Pulse;
  /** What went through the way out of the sandboxes, by task and host, over all times. */
  readonly traffic: () => readonly Traffic[];
  /** What GitHub last said of the token's allowance; null: nothing, or there is no GitHub. Times in ms. */
  readonly limits: () => {
    readonly limit: number | null;
    readonly remaining: number | null;
    readonly resetAt: number | null;
    readonly spent?: readonly Spent[];
  } | null;
}

/** Every family of the page, in its order. Names are stable: add, never rename. */
export function readFamilies(sources: Sources): readonly Family[] {
  const { store } = sources;
  const totals = { ...NO_TOTALS, ...store.fact(TOTALS_FACT) };
  const runs = store.openRuns();
  const report = readFleet(store, sources.now());
  return [
    { ...gauge('tac8_build_info', 'The version that runs.', 1), samples: [{ labels: { version: sources.version }, value: 1 }] } as Family,
    ...taskFamilies(report),
    ...runFamilies(totals),
    ...spendFamilies(runs.reduce((sum, run) => addSpend(sum, run.stream.spend), totals.spend)),
    ...fleetFamilies(report),
    ...alertFamilies(report, totals, store.fact('outbox') ?? []),
    ...forgeFamilies(report, sources.limits()),
    ...trafficFamilies(sources.traffic()),
    ...loopFamilies(sources.pulse()),
    ...workerFamilies(report.usage, runs),
    ...machineFamilies(report.usage),
    ...processFamilies(),
  ];
}

function taskFamilies({ slots, counts, counters }: FleetReport): readonly Family[] {
  return [
    byLabel('gauge', 'tac8_tasks', 'Tasks by state.', 'state', counts),
    gauge('tac8_slots', 'How many workers may run at the same time.', slots.of),
    gauge('tac8_slots_used', 'Slots that are taken.', slots.used),
    counter('tac8_workers_launched_total', 'Agents that were started.', counters.workers_launched),
    counter('tac8_pulls_created_total', 'Pull requests that were opened.', counters.prs_created),
    // A cleanup sets it back: it goes down, too.
    gauge('tac8_worktree_errors', 'Worktrees that git could not make since the last cleanup.', counters.worktree_errors),
  ];
}

function runFamilies(totals: Totals): readonly Family[] {
  const durations = Object.entries(totals.durations).map(
    ([outcome, { counts, sum }]): SpreadSample => ({ labels: { outcome }, bounds: DURATION_BOUNDS, counts, sum }),
  );
  return [
    byLabel('counter', 'tac8_runs_total', 'Ended runs by outcome: done, blocked, or the failure type.', 'outcome', totals.outcomes),
    { type: 'histogram', name: 'tac8_run_duration_seconds', help: 'From the start of the agent to its end.', samples: durations },
  ];
}

function spendFamilies(spend: Spend): readonly Family[] {
  const tokens = {
    input: spend.inputTokens,
    output: spend.outputTokens,
    cache_read: spend.cacheReadTokens,
    cache_write: spend.cacheWriteTokens,
  };
  return [
    byLabel(
      'counter',
      'tac8_tokens_total',
      'Tokens of all runs, those that go on included; of what an agent has not stated yet, an estimate.',
      'kind',
      tokens,
    ),
    counter(
      'tac8_spend_dollars_total',
      'Dollars of all runs, those that go on included; of what an agent has not stated yet, by the price of its model.',
      spend.usd,
    ),
  ];
}

function fleetFamilies({ fleet, at }: FleetReport): readonly Family[] {
  const [parked = null] = parkedNow(fleet, at);
  return [
    gauge('tac8_fleet_paused', '1 while a person keeps new starts back.', fleet.pausedAt === null ? 0 : 1),
    gauge('tac8_fleet_parked', '1 while a limit of the provider keeps new starts back.', parked === null ? 0 : 1),
    gauge('tac8_fleet_parked_until_timestamp_seconds', 'When the parking ends by itself.', seconds(parked === null ? null : endOf(parked))),
  ];
}

function alertFamilies({ alerts }: FleetReport, totals: Totals, outbox: readonly unknown[]): readonly Family[] {
  const active = Object.fromEntries(RULES.map((rule) => [rule, alerts.filter((alert) => alert.rule === rule).length]));
  const begun = Object.fromEntries(RULES.map((rule) => [rule, totals.alerts?.[rule] ?? 0]));
  return [
    byLabel('gauge', 'tac8_alerts', 'Conditions that hold now, by rule.', 'rule', active),
    byLabel('counter', 'tac8_alerts_begun_total', 'How often a condition began, by rule.', 'rule', begun),
    counter('tac8_orphans_found_total', 'Workers that lived though nobody knew of them.', begun.orphan ?? 0),
    gauge('tac8_notices_waiting', 'Notices that no channel took yet.', outbox.length),
  ];
}

function forgeFamilies({ seen }: FleetReport, allowance: ReturnType<Sources['limits']>): readonly Family[] {
  const issues = seen?.issues ?? null;
  return [
    // Before the first answer of this daemon nobody knows.
    gauge(
      'tac8_github_up',
      '1 when GitHub gave the last list of issues, 0 when it did not.',
      issues === null ? null : Number(issues.known),
    ),
    gauge(
      'tac8_github_down_since_timestamp_seconds',
      'Since when GitHub has not answered.',
      issues?.known === false ? seconds(issues.since) : null,
    ),
    gauge('tac8_github_issues', 'Open issues with the label.', issues?.known === true ? issues.count : null),
    gauge('tac8_github_limit', 'Requests per hour that the token has.', allowance?.limit ?? null),
    gauge('tac8_github_limit_remaining', 'Requests that are left of them.', allowance?.remaining ?? null),
    gauge('tac8_github_limit_reset_timestamp_seconds', 'When they are full again.', seconds(allowance?.resetAt ?? null)),
    byLabel(
      'gauge',
      'tac8_github_spent_requests',
      'Requests of this hour that counted, by what they were for.',
      'by',
      spentOf(allowance, 'requests'),
    ),
    byLabel(
      'gauge',
      'tac8_github_unchanged_requests',
      'Requests of this hour that cost nothing, by what they were for.',
      'by',
      spentOf(allowance, 'unchanged'),
    ),
    byLabel(
      'gauge',
      'tac8_github_spent_points',
      'Points of this hour of the limit that GraphQL has, by what they were for.',
      'by',
      spentOf(allowance, 'points'),
    ),
  ];
}

const spentOf = (allowance: ReturnType<Sources['limits']>, what: 'requests' | 'unchanged' | 'points'): Readonly<Record<string, number>> =>
  Object.fromEntries((allowance?.spent ?? []).flatMap((one) => (one[what] === 0 ? [] : [[one.by, one[what]]])));

function trafficFamilies(traffic: readonly Traffic[]): readonly Family[] {
  const of = (what: 'requests' | 'sent' | 'received'): Readonly<Record<string, number>> =>
    Object.fromEntries(
      [...Map.groupBy(traffic, ({ host }) => host)].map(([host, all]) => [host, all.reduce((sum, one) => sum + one[what], 0)]),
    );
  return [
    byLabel('counter', 'tac8_sandbox_requests_total', 'Requests that workers in a sandbox sent out, by host.', 'host', of('requests')),
    byLabel('counter', 'tac8_sandbox_sent_bytes_total', 'Bytes that went there with them.', 'host', of('sent')),
    byLabel('counter', 'tac8_sandbox_received_bytes_total', 'Bytes that came back.', 'host', of('received')),
  ];
}

function loopFamilies({ startedAt, lastTickAt, failedTicks, ticks, slow, lag }: Pulse): readonly Family[] {
  return [
    gauge('tac8_start_time_seconds', 'When this daemon started.', seconds(startedAt)),
    gauge('tac8_last_tick_timestamp_seconds', 'When the loop last looked and decided.', seconds(lastTickAt)),
    counter('tac8_failed_ticks_total', 'Ticks that ended with an error, since this daemon started.', failedTicks),
    { type: 'histogram', name: 'tac8_tick_seconds', help: 'How long a tick took.', samples: [{ labels: {}, ...ticks }] },
    byLabel('counter', 'tac8_slow_ticks_total', 'Ticks that took longer than a second, by the step that took the most.', 'step', slow),
    {
      type: 'histogram',
      name: 'tac8_loop_lag_seconds',
      help: 'How late the loop woke, against the time that it had set itself.',
      samples: [{ labels: {}, ...lag }],
    },
  ];
}

const seconds = (ms: Ms | null): number | null => (ms === null ? null : ms / 1000);
