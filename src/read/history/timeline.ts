import type { Timeline } from '../../api/history.ts';
import { iso } from '../../api/iso.ts';
import type { Run } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { Store } from '../../engine/ports/records/store.ts';

const MOST = 1_000;

type Bar = Timeline['bars'][number];

/** The runs that were at work since then, those that go on included. */
export function readTimeline(store: Store, now: Ms, since: Ms): Timeline {
  const ended: Bar[] = [];
  store.endings(since, ({ run, task, model, startedAt, endedAt, became }) => {
    if (startedAt !== null) ended.push({ run, task, model, started_at: iso(startedAt), ended_at: iso(endedAt), outcome: became });
  });
  const bars = [...ended, ...store.openRuns().flatMap(barOf)].sort((a, b) => (a.started_at < b.started_at ? -1 : 1));
  const slots = store.fact('daemon')?.slots ?? null;
  return { at: iso(now), since: iso(since), slots, bars: bars.slice(-MOST), cut: bars.length > MOST };
}

/** Those that ended are among the endings. */
function barOf(run: Run): readonly Bar[] {
  if (run.state !== 'running' && run.state !== 'stopping') return [];
  return [{ run: run.id, task: run.task, model: run.stream.model, started_at: iso(run.startedAt), ended_at: null, outcome: null }];
}
