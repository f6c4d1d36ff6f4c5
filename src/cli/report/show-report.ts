import { join } from 'node:path';
import { composePremises } from '../../compose/premises.ts';
import { perOne, type Report, reporter } from '../../core/explain/report.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import { openProject } from '../../place/project.ts';
import { type PullStates, statesOfPulls } from '../../read/pull-states.ts';
import { readTraffic } from '../../read/refused/traffic.ts';
import { dayAndClock } from '../../transcript/show/quantities.ts';
import { momentArgument } from '../ground/moment-argument.ts';
import { say } from '../ground/say.ts';
import { reportHtml } from './report-html.ts';
import { reportText } from './report-text.ts';

export interface ReportOptions {
  readonly since: string;
  readonly json?: true;
  readonly html?: true;
  readonly offline?: true;
}

/** Prints what the store knows of the period. Needs no daemon; which pulls were merged the forge is asked, where it answers. */
export async function showReport(from: string, options: ReportOptions): Promise<void> {
  const now = Date.now();
  const since = momentArgument(options.since, now);
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  try {
    const { store } = premises;
    const reading = reporter(since, dayNamer());
    const counted = readTraffic(join(project.state, 'egress'));
    const seen = new Set<TaskId>();
    store.endings(since, (ending) => {
      reading.take(ending);
      if (counted.length > 0 && ending.endedAt >= since) seen.add(ending.task);
    });
    const traffic = counted.filter(({ task }) => seen.has(task as TaskId));
    const report = reading.report(store.countEnded(since), now);
    const branchOf = (task: TaskId): string | null => store.task(task)?.branch ?? null;
    const forge = options.offline || report.pulls.size === 0 ? null : await premises.forge();
    const pulls = await statesOfPulls(report.pulls, branchOf, forge);
    say(
      options.json
        ? `${JSON.stringify({ ...reportJson(report, pulls), traffic }, null, 2)}\n`
        : (options.html ? reportHtml : reportText)(report, pulls, traffic),
    );
  } finally {
    premises.close();
  }
}

/** Names the day of a moment. Runs come in the order in which they ended: what was found for one holds for those of the same day. */
function dayNamer(): (at: Ms) => string {
  let [from, until, name] = [0, 0, ''];
  return (at) => {
    if (at >= from && at < until) return name;
    const date = new Date(at);
    from = date.setHours(0, 0, 0, 0);
    until = date.setDate(date.getDate() + 1);
    name = dayAndClock(at).slice(0, 10);
    return name;
  };
}

/** The documented shape of `report --json`: snake case, times ISO 8601, durations in ms, absent things null. */
function reportJson(report: Report, pulls: PullStates) {
  const { spend } = report;
  return {
    since: new Date(report.since).toISOString(),
    until: new Date(report.until).toISOString(),
    runs: report.runs,
    ...report.tally,
    success: report.success,
    tasks: report.tasks,
    durations: report.durations,
    spend,
    pulls: { ...pulls.counts, why_unknown: pulls.why },
    usd_per_pull: perOne(spend.usd, report.pulls.size),
    usd_per_merged_pull: pulls.counts.unknown > 0 ? null : perOne(spend.usd, pulls.counts.merged),
    failures: report.failures,
    days: report.days,
  };
}
