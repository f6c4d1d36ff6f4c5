import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { makeBlank } from '../adapters/git/packs/blank.ts';
import { createReadings } from '../adapters/machine/readings.ts';
import type { Database } from '../adapters/machines/database.ts';
import { openDispatch } from '../adapters/machines/dispatch.ts';
import type { Fleet } from '../adapters/machines/fleet.ts';
import { sharedOn } from '../adapters/machines/shared.ts';
import { PROTOCOL } from '../adapters/machines/tables/schema.ts';
import { bootId } from '../adapters/process/proc/proc.ts';
import type { Daemon } from '../compose/daemon.ts';
import type { Environment } from '../compose/log.ts';
import { policyOf } from '../compose/policy-of.ts';
import type { Checked } from '../config/schema/schema.ts';
import { toSettings } from '../config/settings.ts';
import { localSite } from '../engine/act/local-site.ts';
import type { Context } from '../engine/ports/context.ts';
import { findPlace } from '../place/place.ts';
import type { Accepted } from '../place/project.ts';
import { openCharges } from './alone/charges.ts';
import { logsThere } from './there/log-there.ts';
import { type RunnerParts, serve } from './there/serve.ts';

const GIT_LIMIT_MS = 120_000;

/** The runner's own repository, with the coordinator's settings. */
export async function runnerProject(dir: string, fleet: Fleet, env: Environment): Promise<Accepted> {
  await makeBlank(dir, GIT_LIMIT_MS);
  const place = await findPlace(dir, env);
  const written = fleet.settings as Checked;
  return { ...place, written, settings: toSettings(written) };
}

export interface RunnerOptions extends Pick<RunnerParts, 'name' | 'slots' | 'version' | 'labels' | 'retireAt' | 'onRetired' | 'say'> {
  readonly database: Database;
  readonly daemon: Daemon;
  readonly project: Accepted;
}

/** This machine as a runner, until the answer is called; the workers go on. */
export async function serveRunner({ database, daemon, project, ...options }: RunnerOptions): Promise<() => Promise<void>> {
  const { ports, workspaces } = daemon;
  const { settings } = project;
  const policy = policyOf(settings);
  const context: Context = {
    ports,
    settings: {
      pollInterval: () => settings.pollInterval,
      trees: settings.worktrees.dir,
      baseBranch: settings.baseBranch,
      draft: settings.pulls.draft,
    },
    policy: () => policy,
    issue: () => null,
  };
  const readings = createReadings({ root: project.root });
  // First, since nothing of what follows would end itself where Postgres is away.
  const dispatch = await openDispatch(database);
  const end = await serve({
    ...options,
    ...{ shared: sharedOn(database), dispatch, clock: ports.clock, workers: ports.workers, workspaces, policy },
    ...{
      home: localSite(context),
      charges: openCharges(join(project.state, 'charges')),
      logs: logsThere(project.logs),
      flights: new Map(),
    },
    ...{ root: project.root, branchPrefix: settings.branchPrefix, hasTree: (task) => existsSync(workspaces.pathOf(task)) },
    async capacity() {
      const { loadPerCore: load, freeDiskBytes: freeDisk, freeMemoryBytes: freeMemory } = await readings();
      return { boot: bootId(), protocol: PROTOCOL, load, freeDisk, freeMemory };
    },
  });
  return async () => {
    await end();
    await dispatch.close();
  };
}
