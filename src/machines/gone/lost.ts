import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Run } from '../../core/model/run.ts';
import { known, type Ms } from '../../core/model/seen.ts';
import type { Site, SiteSight } from '../../engine/act/site.ts';
import type { Result } from '../../engine/perform/step/apply.ts';
import type { Performed } from '../../engine/perform/step/performs.ts';
import type { Subject } from '../../engine/perform/step/subject.ts';

/** Runs whose machine was given up: what is here of them is all that there is. */
export function lostSight(machine: string, runs: readonly Run[], now: Ms): SiteSight {
  const begun = runs.filter(({ state }) => state !== 'preparing' && state !== 'settled');
  const cause = {
    type: 'interrupted',
    by: `the machine ${machine}`,
    reason: 'it is gone for good: the work goes on elsewhere',
    at: now,
  } as const;
  return {
    processes: new Map(begun.map(({ id }) => [id, known({ kind: 'gone', exit: null, rebooted: true } as const, now)])),
    streams: new Map(begun.map(({ id, stream }) => [id, stream])),
    unread: new Map(),
    signs: new Map(begun.map(({ task }) => [task, known({ stop: null, blocked: null }, now)])),
    machine: { known: false, because: `the machine ${machine} was given up`, since: now },
    endedThere: new Map(begun.map(({ id }) => [id, cause])),
  };
}

/** What an action comes to without the machine: nothing is left to be done there, and its last snapshot is the saved work. */
export async function performLost(
  machine: string,
  { home, workspaces }: { readonly home: Site; readonly workspaces: Pick<GitWorkspaces, 'listSaved'> },
  action: Performed,
  subject: Subject,
  signal: AbortSignal,
): Promise<Result> {
  const { run, task } = subject;
  const why = `the machine ${machine} is gone`;
  const step = (done: object, words: string): Result => ({ events: [{ event: { kind: 'step', done }, why: words }] });
  switch (action.kind) {
    case 'save': {
      const saved = (await workspaces.listSaved(task.id)).find((one) => one.run === run.id);
      const words = saved === undefined ? `${why}, and no snapshot came from it` : `${why}; the last snapshot of it is ${saved.ref}`;
      return step({ saved: { ref: saved?.ref ?? null, commit: saved?.commit ?? null } }, words);
    }
    case 'mend':
      return step({ mended: { done: [] } }, why);
    case 'commit':
      return step({ wip: { commit: null } }, why);
    case 'verify':
      return step({ verified: { ok: false, output: `${why}, and the checks did not end there` } }, why);
    case 'inspect':
    case 'log-end':
      return home.perform(action, subject, signal);
    default:
      return { events: [] };
  }
}
