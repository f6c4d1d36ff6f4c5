import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { GitWorkspaces } from '../adapters/git/workspaces.ts';
import { systemClock } from '../adapters/machine/clock.ts';
import { type Lock, LockHeldError, type LockHolder, lockHolder, takeLock } from '../adapters/store/lock/lock.ts';
import { openStore } from '../adapters/store/sqlite/open-store.ts';
import type { TaskId } from '../core/model/task.ts';
import type { Policy } from '../core/tick/policy.ts';
import type { Clock } from '../engine/ports/machine/clock.ts';
import type { Workers } from '../engine/ports/machine/workers.ts';
import type { Forge } from '../engine/ports/outside/forge.ts';
import type { Log } from '../engine/ports/records/log.ts';
import type { Store } from '../engine/ports/records/store.ts';
import type { Housekeeping } from '../engine/ports/repository/housekeeping.ts';
import type { Place } from '../place/place.ts';
import type { Project } from '../place/project.ts';
import { openForReading } from '../read/open.ts';
import { forgeAccess } from './forge-access.ts';
import { asWritten, pinnedOrigin, remoteMemory } from './forge-address.ts';
import { type Environment, logOnDemand, SILENT } from './log.ts';
import { policyOf } from './policy-of.ts';

export type { Difference, GitWorkspaces, Restored, Saved, SavedContent } from '../adapters/git/workspaces.ts';

/**
 * What a command needs that works without a daemon. What weighs more than a store is loaded when it is asked for. Nothing of it writes into the
 * store; its messages go into the daemon's log.
 */
export interface Premises {
  readonly store: Store;
  readonly policy: Policy;
  readonly clock: Clock;
  readonly log: Log;
  /** Null: no repository on a forge is named. */
  forge(): Promise<Forge | null>;
  workspaces(): Promise<GitWorkspaces>;
  housekeeping(): Promise<Housekeeping>;
  workers(): Promise<Workers>;
  close(): void;
}

/** `write`: the store is opened for writing. */
export function composePremises(project: Project, env: Environment, write: boolean): Premises {
  // A look around leaves nothing behind where no daemon ever ran.
  const log = existsSync(project.logs) ? logOnDemand(join(project.logs, 'tac8.log')) : SILENT;
  const store = write ? openForWriting(project) : openForReading(project);
  const meaning = asWritten(project.gitDir);
  const access = forgeAccess(project.settings, pinnedOrigin(store, meaning), env, log);
  const memory = remoteMemory(store, meaning, false);
  const workspaces = once(async () => (await import('./workspaces.ts')).composeWorkspaces(project, { access, memory, log, env }));
  return {
    store,
    policy: policyOf(project.settings),
    clock: systemClock,
    log,
    forge: once(async () => (access === null ? null : (await import('./forge.ts')).composeForge(access, memory, log, project))),
    workspaces,
    housekeeping: async () => (await import('./workspaces.ts')).composeHousekeeping(project, await workspaces()),
    workers: async () => {
      const { createWorkers } = await import('../adapters/process/workers.ts');
      return createWorkers({ runsDir: join(project.state, 'runs'), logs: project.logs });
    },
    close: store.close,
  };
}

/** While it is held, no daemon starts. Throws a LockHeldError where one runs. */
export function lockRepository({ locks, state }: Pick<Place, 'locks' | 'state'>): Lock {
  // Somebody may have moved `.tac8/` away from under a running daemon, which goes on when it is back: nothing is put in its way.
  const holder = existsSync(state) ? null : lockHolder(locks);
  if (holder !== null) throw new LockHeldError(holder);
  mkdirSync(state, { recursive: true, mode: 0o700 });
  return takeLock(locks, systemClock.now());
}

/** One person at a time in a task's conversation. The kernel gives the lock back when this process dies, however it dies. */
export function lockConversation({ state }: Pick<Place, 'state'>, id: TaskId): Lock | { readonly heldBy: LockHolder } {
  try {
    return takeLock([join(state, 'attach', `${id}.db`)], systemClock.now());
  } catch (error) {
    if (!(error instanceof LockHeldError)) throw error;
    return { heldBy: error.holder };
  }
}

/** Makes it when it is asked for, and once. */
export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

function openForWriting({ state, database }: Pick<Place, 'state' | 'database'>): Store {
  for (const folder of [state, dirname(database)]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return openStore({ database }, 'write');
}
