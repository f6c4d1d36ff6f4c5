import { iso } from '../api/iso.ts';
import type { State } from '../api/state.ts';
import type { StatusReport } from './status.ts';
import { seenAt, statusJson } from './status-json.ts';
import { warningsOf } from './warnings.ts';

/** In the order in which they start: what a page shows at once, and what is sent anew as it changes. */
const WAITING_SHOWN = 300;

/** All of the fleet for whoever asks over HTTP. */
export function stateOf(report: StatusReport, root: string, version: string): State {
  const seen = seenAt(report);
  let waiting = 0;
  const shown = report.tasks.filter(({ task }) => task.state !== 'pending' || ++waiting <= WAITING_SHOWN);
  return {
    ...statusJson({ ...report, tasks: shown }, root),
    tasks_left_out: report.tasks.length - shown.length,
    version,
    age_ms: seen === null ? null : Math.max(0, report.at - seen),
    warnings: warningsOf(report).map(({ what, level, since, text, hint }) => ({ what, level, since: iso(since), text, hint })),
  };
}
