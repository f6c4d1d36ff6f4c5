import { closeSync, fstatSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { openPlainSync } from '../files/open-plain.ts';
import type { Place } from '../place/place.ts';
import { diskNow } from './hindrance.ts';
import { daemonAt, openForReading } from './open.ts';
import { readRefusals } from './refused/refusals.ts';
import { readTraffic } from './refused/traffic.ts';
import type { TaskReport } from './shown-tasks.ts';
import { type JobAtWork, readStatus, type StatusReport } from './status.ts';

/** The status of a repository as it is now: waits for no git, no GitHub and no daemon. */
export function statusAt(place: Place): StatusReport {
  const holder = daemonAt(place);
  const store = openForReading(place);
  try {
    const egress = join(place.state, 'egress');
    const report = readStatus(store, Date.now(), holder, diskNow(place, holder !== null), readRefusals(egress), readTraffic(egress));
    return { ...report, jobs: jobsAt(place.state, report.tasks) };
  } finally {
    store.close();
  }
}

/** Setup and checks that run now, by the logs that they write: each is made anew as its job begins. */
function jobsAt(state: string, tasks: readonly TaskReport[]): StatusReport['jobs'] {
  if (state === '') return new Map();
  return new Map(
    tasks.flatMap(({ task, run }): (readonly [string, JobAtWork])[] => {
      if (task.state !== 'active' || run === null) return [];
      const isSetup = run.state === 'preparing';
      const isCheck = run.state === 'ended' && run.settlement.outcome?.kind === 'done' && run.settlement.verified === undefined;
      if (!isSetup && !isCheck) return [];
      const since = isSetup ? task.startedAt : run.endedAt;
      const said = lastLine(join(state, isSetup ? 'setup' : 'verify', `${task.id}.log`), since);
      return said === null ? [] : [[run.id, { what: isSetup ? 'setup' : 'checks', ...said }]];
    }),
  );
}

const TAIL = 4096;

/** Null: there is no such log, or it is that of an earlier run. What it says is anybody's. */
function lastLine(path: string, since: number): Pick<JobAtWork, 'since' | 'saidAt' | 'line'> | null {
  try {
    const file = openPlainSync(path);
    try {
      const { size, birthtimeMs, mtimeMs } = fstatSync(file);
      if (mtimeMs < since) return null;
      const bytes = Buffer.alloc(TAIL);
      const read = readSync(file, bytes, 0, TAIL, Math.max(0, size - TAIL));
      const line =
        bytes
          .toString('utf8', 0, read)
          .trim()
          .split(/[\r\n]/)
          .at(-1) ?? '';
      return { since: Math.max(since, birthtimeMs), saidAt: mtimeMs, line: line.slice(-LINE) };
    } finally {
      closeSync(file);
    }
  } catch {
    return null;
  }
}

const LINE = 120;
