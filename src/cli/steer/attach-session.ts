import { existsSync } from 'node:fs';
import { conversationOf } from '../../agents/attach.ts';
import { composePremises, lockConversation, type Premises } from '../../compose/premises.ts';
import { machineOf } from '../../core/model/fleet.ts';
import type { Run } from '../../core/model/run.ts';
import { stateWords, type Task, type TaskId } from '../../core/model/task.ts';
import { ATTACH, ATTACH_BY, HAND_BACK } from '../../core/voices/attach-request.ts';
import { isPersonsWord } from '../../core/voices/persons-word.ts';
import { canTellPeers, sayCommand } from '../../orders/give-order.ts';
import { openProject, type Project } from '../../place/project.ts';
import { daemonAt, openStore } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';
import { closed, openSession } from '../session/converse.ts';
import { awaitAnswer } from './ask-daemon.ts';

export interface AttachOptions {
  /** Undefined: as the task's state has it. */
  readonly resume?: boolean;
  readonly message?: string;
}

/** Seconds: a tool in hand may take its time, and saving its work as well. */
const PATIENCE = 600;

const say = (words: string): void => void process.stdout.write(`${words}\n`);

/** Ends the task's worker, opens its conversation for a person, and hands it back. See attach-request.ts for what holds meanwhile. */
export async function attachTo(from: string, id: TaskId, options: AttachOptions): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY)
    throw new Exit(EXIT.usage, 'attach needs a terminal; `tac8 tell` and `tac8 view` need none');
  const project = await openProject(from, process.env);
  const premises = composePremises(project, process.env, false);
  let release: (() => void) | null = null;
  try {
    const before = conversation(premises, id);
    release = holdConversation(project, id);
    await refuseUnseenWorker(project, premises, id);
    await takeOver(project, before.task, isPersonsPause(premises, before.task));
    await converse(project, premises, id);
    await handOver(project, premises, before.task, options);
  } finally {
    release?.();
    premises.close();
  }
}

interface Conversation {
  readonly task: Task;
  readonly run: Run;
  readonly session: string;
}

/** The newest conversation of the task; refused where there is none that a person could open. */
function conversation({ store }: Premises, id: TaskId): Conversation {
  const task = store.task(id);
  if (task === null) throw new Exit(EXIT.refused, `there is no task ${id}`, '`tac8 status` shows the tasks.');
  const run = store.runsOf(id).findLast((one) => conversationOf(one) !== null || !one.agent.can.attach);
  if (run?.agent.can.attach === false) throw closed(id);
  const session = run === undefined ? null : conversationOf(run);
  if (run === undefined || session === null)
    throw new Exit(EXIT.refused, `the agent of ${id} has not said a word yet: there is no conversation to open`);
  return { task, run, session };
}

/** Answers how the conversation is let go. */
function holdConversation(project: Project, id: TaskId): () => void {
  const lock = lockConversation(project, id);
  if ('heldBy' in lock) throw new Exit(EXIT.refused, `somebody is attached to ${id} already: process ${lock.heldBy.pid ?? 'unknown'}`);
  return lock.release;
}

/** Without a daemon nobody can end a worker by the ladder. */
async function refuseUnseenWorker(project: Project, premises: Premises, id: TaskId): Promise<void> {
  if (daemonAt(project) !== null) return;
  const worker = (await (await premises.workers()).strays(() => false)).find(({ task }) => task === id);
  if (worker !== undefined)
    throw new Exit(
      EXIT.noDaemon,
      `a worker of ${id} runs (${worker.run}, pid ${worker.process.pid}), and no daemon that could end it`,
      '`tac8 start` first.',
    );
}

/** Until the worker is gone a Ctrl-C changes the person's mind: the task goes on as soon as it can. */
async function takeOver(project: Project, task: Task, paused: boolean): Promise<void> {
  if (daemonAt(project) === null) {
    await note(project, ATTACH, task.id, {});
    return say(paint('yellow', `no daemon runs: ${task.id} is paused when one starts`));
  }
  if (task.state === 'active') say(`${task.id}: its worker is being ended; its tool in hand may end first…`);
  const attached = Promise.withResolvers<void>();
  // What is said first counts first: a task that is handed back before it is taken would stay with nobody.
  const regret = (): void => {
    void attached.promise
      .then(() => note(project, HAND_BACK, task.id, { paused }))
      .then(() => {
        process.stderr.write(`\n${task.id} goes on as soon as its worker has ended\n`);
        process.exit(130);
      });
  };
  process.once('SIGINT', regret);
  try {
    const { ok, message } = await awaitAnswer(
      project,
      { verb: ATTACH, task: task.id, args: {}, timeout: PATIENCE },
      { onSaid: attached.resolve },
    );
    if (!ok) throw new Exit(EXIT.refused, message);
    say(message);
  } finally {
    process.off('SIGINT', regret);
  }
}

async function note(project: Project, verb: string, task: TaskId, args: Readonly<Record<string, unknown>>): Promise<void> {
  const daemon = daemonAt(project);
  if (daemon !== null && (await sayCommand(project, daemon.pid ?? 0, { verb, task, args })).kind !== 'unheard') return;
  const store = openStore(project, 'write');
  try {
    store.ask({ verb, task, args, at: Date.now() });
  } finally {
    store.close();
  }
}

/** It was paused before we came, and not by an earlier attach whose terminal died. */
function isPersonsPause({ store }: Premises, before: Task): boolean {
  if (before.pausedAt === null) return false;
  return store.history({ task: before.id, limit: 1000 }).find(({ event }) => event === 'paused')?.detail !== ATTACH_BY;
}

async function converse(project: Project, premises: Premises, id: TaskId): Promise<void> {
  // Read again: what the worker said last counts.
  const { run, session } = conversation(premises, id);
  const machine = machineOf(run);
  const stays = `${id} stays paused`;
  const hint = `\`tac8 resume ${id}\` lets it go on, \`tac8 attach ${id}\` opens it again.`;
  const base = premises.store.fact('base_branch')?.branch ?? null;
  if (machine !== null) {
    const { converseThere } = await import('./converse-there.ts');
    return converseThere(project, machine, { task: id, run, session, base, stays, hint });
  }
  const worktree = (await premises.workspaces()).pathOf(id);
  if (!existsSync(worktree))
    throw new Exit(
      EXIT.refused,
      `the worktree of ${id} no longer exists`,
      `\`tac8 restore ${id}\` puts its work back, then attach again; \`tac8 resume ${id}\` lets it go on.`,
    );
  await openSession({ project, task: id, run, session, worktree, base, stays, hint });
  const left = await (await premises.housekeeping()).usersOf(worktree);
  if (left.length > 0) say(paint('yellow', `still at work in ${worktree}: process ${left.join(', ')}`));
}

/** What was at work, or asked, goes on; what had ended for good does so only on request. */
async function handOver(project: Project, premises: Premises, before: Task, { resume, message }: AttachOptions): Promise<void> {
  const paused = isPersonsPause(premises, before);
  const isOver = premises.store.task(before.id)?.state;
  const goesOn = resume ?? (isOver === 'pending' || isOver === 'blocked' || isOver === 'active');
  if (!goesOn && isOver === 'pending') return say(`${before.id} stays paused: \`tac8 resume ${before.id}\` lets it go on`);
  if (!goesOn && paused) return say(`${before.id} is ${isOver === undefined ? 'gone' : stateWords(isOver)} as before, and still paused`);
  const [verb, args] = goesOn ? [HAND_BACK, { paused, ...(message === undefined ? {} : { message }) }] : ['resume', {}];
  if (daemonAt(project) === null) {
    if (canTellPeers() && isPersonsWord(verb, premises.store.task(before.id)))
      return say(`no daemon runs: \`tac8 start\`, then \`tac8 attach ${before.id}\` or \`tac8 resume ${before.id}\` lets it go on`);
    await note(project, verb, before.id, args);
    return say(`no daemon runs: ${before.id} ${goesOn ? 'goes on' : 'is no longer paused'} when one starts`);
  }
  const answer = await awaitAnswer(project, { verb, task: before.id, args, timeout: PATIENCE });
  if (!answer.ok) throw new Exit(EXIT.refused, answer.message);
  say(
    goesOn
      ? answer.message
      : `${before.id} is ${isOver ?? 'gone'} as before: \`tac8 retry ${before.id} --continue\` goes on in the conversation`,
  );
}
