import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, type Door, openDoor, type Verbs } from '../adapters/door/door.ts';
import { canTellPeers } from '../adapters/door/peer.ts';
import { DOOR } from '../adapters/door/where.ts';
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
    if (!isEnding(how) || typeof task !== 'string' || !isTaskId(task))
      return { ok: false, message: 'the order does not say what is to end' };
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
    if (typeof what !== 'string' || !isOfTask || !isRecord(args)) return { ok: false, message: 'the order does not say what it asks for' };
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
  const doors = await Promise.all(doorsOf(project).map((dir) => keepOpen(dir, project, ports.log.warn, verbs)));
  if (canTellPeers() && doors.some(({ isOpen }) => isOpen())) engine.hearPersons();
  return { isReload: () => reloads, close: async () => void (await Promise.all(doors.map((door) => door.close()))) };
}

/** Whoever can write the folder can take the socket away, and nothing else tells who a person is. */
const LOOK_EVERY = 1_000;
/** So often it is told; it is made anew without end. */
const MOST_TOLD = 5;

interface Kept {
  isOpen(): boolean;
  close(): Promise<void>;
}

/** A door that is made anew where somebody takes it away, as long as its folder is there. */
async function keepOpen(dir: string, project: Project, warn: (message: string) => void, verbs: Verbs): Promise<Kept> {
  let door = await open(dir, project, warn, verbs);
  if (door === null) return { isOpen: () => false, close: async () => undefined };
  let mending: Promise<void> | null = null;
  let told = 0;
  const mend = async (): Promise<void> => {
    told += 1;
    const tell = told > MOST_TOLD ? () => undefined : warn;
    tell(`somebody took ${dir}/${DOOR} away: it is made anew`);
    await door?.close();
    door = await open(dir, project, tell, verbs);
    mending = null;
  };
  const timer = setInterval(() => {
    if (mending === null && door?.stands() !== true && existsSync(dir)) mending = mend();
  }, LOOK_EVERY).unref();
  return {
    isOpen: () => door !== null,
    async close() {
      clearInterval(timer);
      await mending;
      await door?.close();
    },
  };
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
