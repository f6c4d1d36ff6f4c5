import { existsSync, statSync } from 'node:fs';
import { chmod, lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { findRuns } from '../../adapters/process/hold/strays.ts';
import { lockHolder } from '../../adapters/store/lock/lock.ts';
import { openStore } from '../../adapters/store/sqlite/open-store.ts';
import { setAside } from '../../adapters/store/sqlite/set-aside.ts';
import { composePremises, type Premises } from '../../compose/premises.ts';
import { MAIN_FACT } from '../../core/household/main-checkout.ts';
import { judgeHousehold } from '../../core/household/removals.ts';
import { nameOf } from '../../core/model/household.ts';
import { isTaskId, unknownTask } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import { ownersOf } from '../../engine/watch/owners.ts';
import type { Place } from '../../place/place.ts';
import type { Project } from '../../place/project.ts';
import type { Check, Finding } from '../finding/finding.ts';
import type { Patient } from '../finding/patient.ts';
import { findLocks, gitRunsIn, moveLockAside } from './git-locks.ts';
import {
  type AsideSeen,
  judgeAside,
  judgeDaemon,
  judgeLocks,
  judgePrivacy,
  judgeRuns,
  judgeSaved,
  judgeShapes,
  judgeStore,
  judgeTrees,
  type LiveRun,
  whyNobodys,
} from './leftovers.ts';

/** What earlier work may have left behind. Where tac8 never ran, little is asked, and nothing is written. */
export function leftoverChecks({ place, settings, env }: Patient): readonly Check[] {
  const { state } = place;
  const always: readonly Check[] = [
    { name: 'git-locks', look: () => lookAtLocks(place) },
    { name: 'database', limit: 60_000, look: async () => lookAtStore(place) },
  ];
  if (!existsSync(state)) return always;
  const known: readonly Check[] = [
    { name: 'daemon', look: async () => lookAtDaemon(place) },
    { name: 'privacy', look: () => lookAtPrivacy(state) },
    { name: 'aside', look: () => lookAtAside(place, settings?.worktrees.dir ?? null) },
  ];
  if (settings === null) return [...known, ...always];
  const project: Project = { ...place, settings };
  const look = (work: (premises: Premises) => Promise<readonly Finding[]>) => async (): Promise<readonly Finding[]> => {
    const premises = composePremises(project, env, false);
    try {
      return await work(premises);
    } finally {
      premises.close();
    }
  };
  return [
    ...known,
    { name: 'orphans', look: look((premises) => lookAtRuns(project, env, premises)) },
    { name: 'worktrees', limit: 60_000, look: look((premises) => lookAtTrees(project, premises)) },
    {
      name: 'saved-work',
      look: look(async ({ workspaces, clock }) => judgeSaved(await (await workspaces()).listSaved(null), clock.now())),
    },
    ...always,
  ];
}

async function lookAtLocks(place: Place): Promise<readonly Finding[]> {
  const locks = await findLocks(place.gitDir, Date.now());
  return judgeLocks(locks, locks.length > 0 && (await gitRunsIn(place.root)), (lock) => moveLockAside(lock, place, Date.now()));
}

function lookAtStore({ database, locks }: Place): readonly Finding[] {
  // Throws where nobody may look: that is no "not there".
  if (statSync(database, { throwIfNoEntry: false }) === undefined) return judgeStore(database, false, null, null);
  const apply = async (): Promise<string> => {
    if (lockHolder(locks) !== null) throw new Error('a daemon runs: stop it first');
    return `it is now ${setAside(database)}`;
  };
  try {
    const store = openStore({ database }, 'read', { verify: true });
    try {
      return [...judgeStore(database, true, null, null), ...judgeShapes(store.misfits())];
    } finally {
      store.close();
    }
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return judgeStore(database, true, error, lockHolder(locks) === null ? apply : null);
  }
}

function lookAtDaemon({ database, locks }: Place): readonly Finding[] {
  const holder = lockHolder(locks);
  const nothing = { trouble: null, held: null, problems: [], requests: 0, alarms: [] };
  const pid = holder === null ? null : (holder.pid ?? 0);
  if (!existsSync(database)) return judgeDaemon({ pid, ...nothing });
  const store = openStore({ database });
  try {
    const seen = store.fact('daemon');
    return judgeDaemon({
      pid,
      // Of a daemon that has left nothing fails any more.
      trouble: holder === null ? null : (store.fact('trouble')?.message ?? null),
      held: seen?.held?.message ?? null,
      problems: (seen?.problems ?? []).map(({ line, message }) => `line ${line}: ${message}`),
      requests: store.requests().length,
      alarms: (store.fact(MAIN_FACT)?.alarms ?? []).map(({ path }) => path),
    });
  } finally {
    store.close();
  }
}

async function lookAtPrivacy(state: string): Promise<readonly Finding[]> {
  const { mode } = await stat(state);
  return judgePrivacy(state, mode, async () => {
    await chmod(state, 0o700);
    return `${state} has mode 700`;
  });
}

/** In `.tac8`; and where a rename cannot leave the file system, beside what was in the way. */
async function lookAtAside({ root, state, gitDir }: Place, trees: string | null): Promise<readonly Finding[]> {
  const folders = [join(state, 'aside'), join(gitDir, 'tac8-aside'), ...(trees === null ? [] : [join(root, trees, '.aside')])];
  const seen = await Promise.all(folders.map(thingsIn));
  return judgeAside(
    seen.flat(),
    folders.filter((_, n) => (seen[n]?.length ?? 0) > 0),
  );
}

async function thingsIn(folder: string): Promise<readonly AsideSeen[]> {
  const names = await readdir(folder).catch((): string[] => []);
  const paths = names.map((name) => join(folder, name));
  return Promise.all(
    paths.map(async (path) => ({
      path,
      at: await lstat(path).then(
        ({ ctimeMs }) => ctimeMs,
        () => 0,
      ),
    })),
  );
}

async function lookAtRuns(project: Project, env: Patient['env'], { store }: Premises): Promise<readonly Finding[]> {
  const live = (await findRuns(join(project.state, 'runs'))).map(({ run, task, process, members }) => ({
    run,
    task,
    pid: process.pid,
    members,
  }));
  return judgeRuns(live, store, lockHolder(project.locks) !== null, (one) => endOrphan(project, env, one));
}

/** First what it has made is saved, then its tree is ended. */
async function endOrphan(project: Project, env: Patient['env'], { run, task }: LiveRun): Promise<string> {
  const premises = composePremises(project, env, false);
  try {
    const again = (await findRuns(join(project.state, 'runs'))).find((one) => one.run === run);
    if (again === undefined) return `${run} has ended by itself`;
    if (whyNobodys({ run, task }, premises.store) === null) throw new Error(`${run} is known again: left alone`);
    const workspaces = await premises.workspaces();
    const owner = task === null ? null : (premises.store.task(task) ?? unknownTask(task, premises.policy.branchPrefix));
    const saved =
      owner === null || !existsSync(workspaces.pathOf(owner.id)) ? null : await workspaces.save(owner, run, 'before an orphan is ended');
    const { left } = await (await premises.workers()).signal(run, again.process, 'SIGKILL');
    if (left > 0) throw new Error(`kill unconfirmed: ${left} processes of ${run} still live`);
    return `${run} is ended${saved?.ref == null ? '' : `; its work is saved as ${saved.ref}`}`;
  } finally {
    premises.close();
  }
}

async function lookAtTrees({ root, settings, locks }: Project, premises: Premises): Promise<readonly Finding[]> {
  const { store, policy, clock } = premises;
  const household = await (await premises.housekeeping()).look();
  const { remove, keep } = judgeHousehold(household, ownersOf(store, household), policy.keep, false, clock.now());
  const names = await readdir(join(root, settings.worktrees.dir)).catch((): string[] => []);
  const foreign = names.filter((name) => !isTaskId(name)).map((name) => `${settings.worktrees.dir}/${name}`);
  return judgeTrees(remove.map(nameOf), keep, foreign, lockHolder(locks) !== null);
}
