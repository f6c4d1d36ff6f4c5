import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Door, openDoor, type Verbs } from '../adapters/door/door.ts';
import { canTellPeers } from '../adapters/door/peer.ts';
import type { Daemon } from '../compose/daemon.ts';
import { chooseSandbox, refusal } from '../compose/sandbox/sandbox.ts';
import { loadConfig } from '../config/read/load.ts';
import { renderProblems } from '../config/read/problems.ts';
import { isTaskId } from '../core/model/task.ts';
import { messageOf } from '../core/words/message-of.ts';
import type { Project } from '../place/project.ts';
import { ACCEPT_REMOTE, ALLOW, doorsOf, END, HEAR, isEnding, UNWRITTEN } from './give-order.ts';

/** So much of a reason is kept. */
const MOST_WORDS = 2_000;

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export interface Orders {
  /** The daemon leaves because a person wants it to begin anew with all settings. */
  isReload(): boolean;
  close(): Promise<void>;
}

/** What a person orders and no worker may, while the daemon runs. */
export async function takeOrders(
  project: Project,
  { engine, ports, store, acceptRemote, allow }: Daemon,
  env: NodeJS.ProcessEnv,
): Promise<Orders> {
  let reloads = false;
  const keep = (order: string, by: string): void => {
    const detail = `tac8 ${order}, by ${by}`;
    ports.log.info(detail);
    store.commit({ history: [{ at: ports.clock.now(), task: null, run: null, event: order, detail }] });
  };
  const reload = (by: string): Answer => {
    const loaded = loadConfig(project.root, env);
    if (!loaded.ok) return { ok: false, message: `tac8.yaml has a mistake, and nothing changes: ${renderProblems(loaded.problems)}` };
    const choice = chooseSandbox(loaded.config);
    if (choice.kind === 'refused') return { ok: false, message: `${refusal(choice.why)}. Nothing changes` };
    reloads = true;
    keep('reload', by);
    engine.leave();
    return { ok: true, message: 'all of tac8.yaml counts now; running workers go on' };
  };
  const accept = async (by: string): Promise<Answer> => {
    const came = await acceptRemote();
    keep('remote accept', `${by}: ${came}`);
    engine.wake();
    return {
      ok: true,
      message: `${came}. tac8 fetches and pushes there from now on; \`tac8 reload\` lets it ask the forge of that address`,
    };
  };
  const letThrough: Verbs[string] = (by, { task, host }) => {
    const answer = allow(String(task), String(host));
    if (answer.ok) keep(`allow ${String(task)} ${String(host)}`, by);
    return answer;
  };
  const end: Verbs[string] = (by, { how, task, reason }) => {
    if (!isEnding(how) || typeof task !== 'string' || !isTaskId(task)) return { ok: false, message: 'it is not said what is to end' };
    ports.log.info(`tac8 ${how} ${task}, by ${by}, who could not write it down`);
    return engine.ask({
      by: `${by}, over the door`,
      verb: how,
      task,
      args: typeof reason === 'string' ? { reason: reason.slice(0, MOST_WORDS) } : {},
    });
  };
  const hear: Verbs[string] = (by, { what, task, args }) => {
    const isOfTask = task === null || (typeof task === 'string' && isTaskId(task));
    if (typeof what !== 'string' || !isOfTask || !isRecord(args)) return { ok: false, message: 'it is not said what is asked' };
    try {
      return { ok: true, message: String(engine.hear({ verb: what, task, args }, `${by}, over the door`)) };
    } catch (error) {
      return { ok: false, message: `${UNWRITTEN}: ${messageOf(error)}` };
    }
  };
  const approve = (by: string, { task }: { readonly task?: unknown }): Answer => {
    if (typeof task !== 'string' || !isTaskId(task)) return { ok: false, message: 'an approval names a task, such as gh-12' };
    const answer = engine.approve(task, by);
    ports.log.info(`tac8 approve ${task}, by ${by}: ${answer.message}`);
    return answer;
  };
  const verbs = { reload, [ACCEPT_REMOTE]: accept, [ALLOW]: letThrough, [END]: end, [HEAR]: hear, approve };
  const doors = await Promise.all(doorsOf(project).map((dir) => open(dir, project, ports.log.warn, verbs)));
  if (canTellPeers() && doors[0] !== null) engine.hearPersons();
  return { isReload: () => reloads, close: async () => void (await Promise.all(doors.map((door) => door?.close()))) };
}

/** Without a door the daemon works, and a restart takes the place of a reload. */
async function open(dir: string, { state }: Project, warn: (message: string) => void, verbs: Verbs): Promise<Door | null> {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    return await openDoor({ dir, runsDir: join(state, 'runs'), verbs, warn });
  } catch (error) {
    warn(`no orders are taken over ${dir}: ${messageOf(error)}`);
    return null;
  }
}
