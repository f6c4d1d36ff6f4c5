import { hostname } from 'node:os';
import type { Plan } from '../../api/desk/plan.ts';
import { iso } from '../../api/iso.ts';
import type { Why } from '../../api/why.ts';
import type { Daemon } from '../../compose/daemon.ts';
import { composeLookout } from '../../compose/lookout.ts';
import { dialInside } from '../../compose/sandbox/entrance.ts';
import { eventWords } from '../../core/explain/event-words.ts';
import { markOf } from '../../core/model/gate.ts';
import type { ProcessIdentity } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { TaskId } from '../../core/model/task.ts';
import { stepWords } from '../../core/tick/step-words.ts';
import { linkInto, readRepositories } from '../../http/neighbours/neighbours.ts';
import { registryOf } from '../../http/neighbours/registry.ts';
import type { Desk } from '../../http/routes/desk.ts';
import { boardDesk } from '../../inquiry/board.ts';
import { restoreInto } from '../../inquiry/restore.ts';
import { lookWhy } from '../../inquiry/why.ts';
import { diffOf, savedOf } from '../../inquiry/work.ts';
import { callerOverTcp, userOverTcp, workerOverTcp } from '../../orders/caller-over-tcp.ts';
import type { Accepted, Project } from '../../place/project.ts';
import { entryOf } from '../../read/tasks.ts';
import { setupOf } from './setup.ts';

/** What the API asks of the daemon that it is in. */
export function deskOf(project: Accepted, daemon: Daemon, env: NodeJS.ProcessEnv, version: string): Desk {
  const { store, ports, engine, workspaces, board } = daemon;
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
    board: boardDesk({ store, board, now, wake: engine.wake }),
    diff: (task, asked) => diffOf(work, task, asked),
    saved: (task) => savedOf(work, task),
    restore: (task, ref) => restoreInto({ ...work, workers: ports.workers }, task, ref),
    userOf: userOverTcp,
    workerOf: async (by) => {
      const worker = await workerOverTcp(by, project);
      if (worker !== null) ports.log.warn(`something was asked for over http by somebody who may not ask for it: ${worker}`);
      return worker;
    },
    approve: async (task, by) => {
      const caller = await callerOverTcp(by, project);
      if (caller.kind === 'refused') {
        ports.log.warn(`approve ${task} was asked for over http by somebody who may not ask for it: ${caller.why}`);
        return { ok: false, message: `only a person may ask for this: ${caller.why}`, forbidden: true };
      }
      return engine.approve(task, `the page, ${caller.words}`);
    },
    inside: insideOf(store),
    repositories: {
      all: once(() => readRepositories(registryOf(env), project.root, now), now),
      linkInto: (root) => linkInto(registryOf(env), root),
    },
    plan: once(() => planOf(project, env, now), now),
    setup: once(() => setupOf(project, env, now), now),
    why: remembering((task) => whyOf(project, env, task, now), now),
  };
}

async function whyOf(project: Project, env: NodeJS.ProcessEnv, task: TaskId, now: () => Ms): Promise<Why | null> {
  const lookout = await composeLookout(project, env);
  try {
    const { why, history, isThere } = await lookWhy(lookout, project, task, true, now);
    if (!isThere) return null;
    const gates = why.gates.map((gate) => ({ ...gate, mark: markOf(gate), since: iso(gate.since), until: iso(gate.until) }));
    return {
      ...why,
      at: iso(now()),
      since: iso(why.since),
      gates,
      history: history.map(entryOf),
    };
  } finally {
    lookout.close();
  }
}

/** The worker that a task has on this machine, and its servers. */
function insideOf(store: Daemon['store']): Desk['inside'] {
  const worker = (task: TaskId): ProcessIdentity | string => {
    const run = store.runsOf(task).findLast((one) => one.state === 'running');
    if (run?.state !== 'running') return `${task} has no worker at work`;
    return run.machine === undefined ? run.process : `the worker of ${task} is on ${run.machine}: a preview is of this machine's workers`;
  };
  return {
    refusal: (task) => {
      const found = worker(task);
      return typeof found === 'string' ? found : null;
    },
    dial: async (task, port) => {
      const found = worker(task);
      return typeof found === 'string' ? null : dialInside(found, port);
    },
  };
}

async function planOf(project: Project, env: NodeJS.ProcessEnv, now: () => Ms): Promise<Plan> {
  const lookout = await composeLookout(project, env);
  try {
    const { plan } = await lookout.look();
    return {
      at: iso(now()),
      events: (plan.commit.history ?? []).map(({ task, event, detail }) => ({ task, event, words: eventWords(event), detail })),
      actions: plan.actions.map(({ task, kind }) => ({ task, kind, words: stepWords(kind) })),
      notes: plan.notes.map(({ task, text, until }) => ({ task, text, until: iso(until) })),
      next_look: iso(plan.wakeAt),
    };
  } finally {
    lookout.close();
  }
}

/** Each look asks the forge: pages that ask again and again get what was found a moment ago. */
const REMEMBERED: Ms = 5_000;

const once = <T>(look: () => Promise<T>, now: () => Ms): (() => Promise<T>) => {
  const remembered = remembering<'', T>(look, now);
  return () => remembered('');
};

function remembering<K, T>(look: (task: K) => Promise<T>, now: () => Ms): (task: K) => Promise<T> {
  const found = new Map<K, { readonly at: Ms; readonly answer: Promise<T> }>();
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
