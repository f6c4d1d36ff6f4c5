import type { Calls } from '../adapters/machines/calls.ts';
import type { Clocks } from '../adapters/machines/clocks.ts';
import type { Dispatch } from '../adapters/machines/dispatch.ts';
import type { Lead } from '../adapters/machines/lead.ts';
import type { Shared } from '../adapters/machines/shared.ts';
import type { Ask, Begin } from '../adapters/machines/wire.ts';
import type { FarParts } from '../compose/fence/fence.ts';
import { machineOf } from '../core/model/fleet.ts';
import type { Run, Tell } from '../core/model/run.ts';
import type { RunId, Task } from '../core/model/task.ts';
import { messageOf } from '../core/words/message-of.ts';
import { mergedSights, type Site, type SiteSight, unseen } from '../engine/act/site.ts';
import type { Result } from '../engine/perform/step/apply.ts';
import type { Performed } from '../engine/perform/step/performs.ts';
import type { Subject } from '../engine/perform/step/subject.ts';
import { PortError } from '../engine/ports/error.ts';
import type { Clock } from '../engine/ports/machine/clock.ts';
import { believePiece, believeResult, believeSight } from './believe.ts';
import type { LogsHere } from './far-log.ts';
import { type FoldersHere, leaveFolderHere, withSignsHere } from './folder-here.ts';
import { lostSight, performLost } from './gone/lost.ts';
import { shipNowAndThen } from './gone/shipping.ts';
import type { Inherited } from './standby/inherit.ts';
import { resultHere, runsThere, sightHere, subjectThere } from './time-there.ts';

/** What the coordinator has in hand to work with other machines. */
export interface Means extends Omit<FarParts, 'logs'> {
  readonly shared: Shared;
  readonly clock: Clock;
  readonly logs: LogsHere;
  readonly folders: FoldersHere;
  readonly calls: Calls;
  readonly clocks: Clocks;
  readonly dispatch: Dispatch;
  /** Asked before what reaches outside. */
  readonly lead: Pick<Lead, 'check'>;
  /** What the coordinator before this one had. */
  readonly inherited: Pick<Inherited, 'bring'>;
  /** This machine, where the forge's login is. */
  readonly home: Site;
}

/** The machine that an earlier run was on; null: this one. */
export const earlierOf = ({ store }: Pick<Means, 'store'>, run: RunId): string | null => machineOf(store.run(run) ?? {});

/** Done here whatever machine the run is on: a runner has no login at the forge. */
const AT_HOME: ReadonlySet<Performed['kind']> = new Set(['push', 'open-pull', 'comment']);
/** After these the coordinator takes over what the worktree came to. */
const GIVES_WORK: ReadonlySet<Performed['kind']> = new Set(['save', 'mend', 'commit', 'inspect']);

/** Another machine: it does what the coordinator decides, and tells what it sees. */
export function farSite(name: string, means: Means): Site {
  const { calls, clock, clocks, shared, dispatch, home } = means;
  const shipNow = shipNowAndThen(
    () => means.policy().saveEvery,
    (run) => fetchSnapshot(means, ask, run),
    clock.steady,
  );
  const ask = (body: Ask, signal?: AbortSignal): Promise<unknown> => calls.ask(name, body, signal);

  async function perform(action: Performed, subject: Subject, signal: AbortSignal): Promise<Result> {
    await means.lead.check();
    if (action.kind === 'push' || action.kind === 'prepare') await means.inherited.bring(subject.task);
    if (AT_HOME.has(action.kind)) return home.perform(action, subject, signal);
    if ((await shared.forgottenAmong(name, [subject.run.id])).size > 0) return performLost(name, means, action, subject, signal);
    const begin = action.kind === 'prepare' ? await sendBase(means, name, ask, subject.task) : null;
    try {
      const told = action.kind === 'launch' ? asKnownThere(subject) : subject;
      const by = await clocks.ahead(name);
      const answer = await ask({ kind: 'perform', action, subject: subjectThere(told, by), begin }, signal);
      const result = resultHere(believeResult(name, action.kind, subject.run, answer), by);
      if (GIVES_WORK.has(action.kind)) await fetchWork(means, ask, subject);
      if (action.kind === 'prepare') await means.folders.make(subject.task.id);
      if (action.kind === 'log-end') {
        await fetchLog(means, name, ask, subject.run);
        await leaveFolderHere(means.folders, means.workspaces, subject.run);
        await dispatch.release(subject.run.id);
      }
      return result;
    } finally {
      if (begin !== null) await shared.throwAway(begin.parcel);
    }
  }

  /** The conversation of another machine is not there: a fresh one is begun, and is told what the old one would have been. */
  function asKnownThere(subject: Subject): Subject {
    const { run } = subject;
    if (run.resumes === null || earlierOf(means, run.resumes.run) === name) return subject;
    const { message: text } = run.resumes;
    const tell: Tell = { id: 0, uuid: run.session, text, at: run.createdAt, by: 'pull', via: 'prompt', saidAt: run.createdAt };
    return { ...subject, run: { ...run, resumes: null, tells: [tell, ...(run.tells ?? [])] } };
  }

  return {
    name,
    patience: 0,
    perform,
    async look(all) {
      const forgotten = await shared.forgottenAmong(
        name,
        all.map(({ id }) => id),
      );
      const lost = all.filter(({ id }) => forgotten.has(id));
      const runs = all.filter(({ id }) => !forgotten.has(id));
      if (lost.length === 0) return lookThere(runs);
      const here = lostSight(name, lost, clock.now());
      if (runs.length === 0) return here;
      return mergedSights(await lookThere(runs).catch((error: unknown) => unseen(runs, messageOf(error), clock.now())), here);
    },
  };

  async function lookThere(runs: readonly Run[]): Promise<SiteSight> {
    const logs = Object.fromEntries(runs.map((run) => [run.id, means.logs.size(run)]));
    const by = await clocks.ahead(name);
    const { pieces, ...sight } = believeSight(name, runs, await ask({ kind: 'look', runs: runsThere(runs, by), logs }));
    for (const run of runs) {
      const piece = pieces[run.id];
      if (piece !== undefined) means.logs.write(run, piece);
    }
    shipNow(runs);
    return withSignsHere(means.workspaces, runs, sightHere(sight, by), clock.now);
  }
}

type AskHere = (body: Ask, signal?: AbortSignal) => Promise<unknown>;

/** What the machine lacks of the base and of the task's branch. */
async function sendBase({ workspaces, shared, lead }: Means, machine: string, ask: AskHere, task: Task): Promise<Begin> {
  const said = await ask({ kind: 'tips' });
  const have = Array.isArray(said) ? said.map(String) : [];
  const { saved, ...pack } = await workspaces.packToBegin(task, have);
  const parcel = await shared.layDown(machine, pack);
  if (parcel === null) await lead.check();
  return { parcel: parcel ?? '', base: pack.base, saved };
}

/** What a task came to so far, in case its machine is lost. */
async function fetchSnapshot({ workspaces, shared, store }: Means, ask: AskHere, { id, task: name }: Run): Promise<void> {
  const task = store.task(name);
  if (task === null) return;
  const parcel = String(await ask({ kind: 'snapshot', task, run: id, have: await workspaces.tips() }));
  try {
    await workspaces.takeWork(task, await shared.pickUp(parcel));
  } finally {
    await shared.throwAway(parcel);
  }
}

/** The branch and the saved work, checked by git before any ref moves. */
async function fetchWork(
  { workspaces, shared }: Pick<Means, 'workspaces' | 'shared'>,
  ask: AskHere,
  { task }: Pick<Subject, 'task'>,
): Promise<void> {
  const parcel = String(await ask({ kind: 'work', task, have: await workspaces.tips() }));
  try {
    await workspaces.takeWork(task, await shared.pickUp(parcel));
  } finally {
    await shared.throwAway(parcel);
  }
}

export const fetchWorkFrom = (machine: string, means: Pick<Means, 'workspaces' | 'shared' | 'calls'>, task: Task): Promise<void> =>
  fetchWork(means, (body, signal) => means.calls.ask(machine, body, signal), { task });

/** The rest of a log that nobody will look at any more, and the proof that all of it is here. What is not is fetched anew, once. */
async function fetchLog({ logs, log }: Means, machine: string, ask: AskHere, run: Run): Promise<void> {
  for (let isSecond = false; ; ) {
    const answer = await ask({ kind: 'log', run: { id: run.id, task: run.task }, from: logs.size(run) }).catch((error: unknown) => {
      // It is longer here than there: what is here is not that log.
      if (!/it was cut$/.test(messageOf(error))) throw error;
      return { from: 0, bytes: '', isAll: true, sum: 'another' };
    });
    const piece = believePiece(machine, answer);
    logs.write(run, piece);
    if (!piece.isAll && piece.bytes !== '') continue;
    if (await logs.isWhole(run, piece.sum)) return;
    log.warn(`the log of ${run.id} here is not the one on ${machine}: it is fetched anew`, { run: run.id });
    if (isSecond) throw new PortError('retryable', `the log of ${run.id} did not come whole from ${machine}`);
    isSecond = true;
  }
}
