import { hostname } from 'node:os';
import { iso } from '../../api/iso.ts';
import type { Why } from '../../api/why.ts';
import type { Daemon } from '../../compose/daemon.ts';
import { composeLookout } from '../../compose/lookout.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import type { Desk } from '../../http/routes/desk.ts';
import { lookWhy } from '../../inquiry/why.ts';
import { diffOf, savedOf } from '../../inquiry/work.ts';
import type { Project } from '../../place/project.ts';

/** What the API asks of the daemon that it is in. */
export function deskOf(project: Project, daemon: Daemon, env: NodeJS.ProcessEnv, version: string): Desk {
  const { store, ports, engine, workspaces } = daemon;
  const { now } = ports.clock;
  const work = { store, workspaces, branchPrefix: project.settings.branchPrefix, now };
  return {
    root: project.root,
    logs: project.logs,
    version,
    store,
    now,
    holder: { pid: process.pid, since: engine.pulse().startedAt, host: hostname() },
    hear: engine.hear,
    diff: (task, file) => diffOf(work, task, file),
    saved: (task) => savedOf(work, task),
    why: remembering((task) => whyOf(project, env, task, now), now),
  };
}

async function whyOf(project: Project, env: NodeJS.ProcessEnv, task: TaskId, now: () => Ms): Promise<Why | null> {
  const lookout = await composeLookout(project, env);
  try {
    const { why, history, isThere } = await lookWhy(lookout, project, task, true, now);
    if (!isThere) return null;
    const gates = why.gates.map((gate) => ({ ...gate, since: iso(gate.since), until: iso(gate.until) }));
    return {
      ...why,
      at: iso(now()),
      since: iso(why.since),
      gates,
      history: history.map(({ at, ...entry }) => ({ at: iso(at), ...entry })),
    };
  } finally {
    lookout.close();
  }
}

/** Each look asks the forge: pages that ask again and again get what was found a moment ago. */
const REMEMBERED: Ms = 5_000;

function remembering<T>(look: (task: TaskId) => Promise<T>, now: () => Ms): (task: TaskId) => Promise<T> {
  const found = new Map<TaskId, { readonly at: Ms; readonly answer: Promise<T> }>();
  return (task) => {
    for (const [id, { at }] of found) if (now() - at > REMEMBERED) found.delete(id);
    const kept = found.get(task);
    if (kept !== undefined) return kept.answer;
    const answer = look(task);
    found.set(task, { at: now(), answer });
    answer.catch(() => found.delete(task));
    return answer;
  };
}
