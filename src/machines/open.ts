import { createCalls } from '../adapters/machines/calls.ts';
import { compareClocks } from '../adapters/machines/clocks.ts';
import { openDatabase } from '../adapters/machines/database.ts';
import { openDispatch } from '../adapters/machines/dispatch.ts';
import { publish } from '../adapters/machines/fleet.ts';
import type { OtherMachines } from '../compose/daemon.ts';
import type { Environment } from '../compose/log.ts';
import type { Checked } from '../config/schema/schema.ts';
import type { Settings } from '../config/settings.ts';
import { ANY_MACHINE } from '../core/model/fleet.ts';
import type { Site } from '../engine/act/site.ts';
import { PortError } from '../engine/ports/error.ts';
import { anywhere } from './anywhere.ts';
import { farSite, type Means } from './far-site.ts';
import { makeRounds } from './gone/rounds.ts';

/** The coordinator's connection to its machines. */
export interface Machines extends OtherMachines {
  close(): Promise<void>;
}

/** The address of Postgres, as the settings name it. Throws a terminal PortError where the variable is not set. */
export function postgresUrl(settings: NonNullable<Settings['machines']>, env: Environment): string {
  const url = env[settings.urlEnv] ?? '';
  if (url !== '') return url;
  throw new PortError('terminal', `machines: the environment variable ${settings.urlEnv} is not set`, {
    hint: `Set it to the address of Postgres, such as postgres://tac8@db.example/tac8, or take \`machines\` out of tac8.yaml.`,
  });
}

/** Connects to Postgres and lays the settings down there, for the runners. Null: the settings name no machines. */
export async function openMachines(settings: Settings, written: Checked, env: Environment, version: string): Promise<Machines | null> {
  if (settings.machines === null) return null;
  const database = await openDatabase(postgresUrl(settings.machines, env), settings.machines.schema);
  try {
    await publish(database, forRunners(written), version);
    const dispatch = await openDispatch(database);
    const calls = createCalls(database);
    const clocks = compareClocks(database, () => Date.now());
    let endRounds: () => Promise<void> = async () => undefined;
    const close = async (): Promise<void> => {
      await endRounds();
      await dispatch.close();
      await database.close();
    };
    return {
      sites: (parts) => {
        endRounds = makeRounds({ ...parts, database, dispatch, forgetAfter: settings.machines?.forgetAfter ?? null });
        return (home) => siteNamed({ database, calls, clocks, dispatch, home, ...parts });
      },
      close,
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** What a runner works with: neither the forge nor Postgres, no page, and nobody to tell. None of it is a secret: those have names. */
function forRunners({ repo: _repo, machines: _machines, ...written }: Checked): Checked {
  return { ...written, notify: [], http: { ...written.http, enabled: false } };
}

const siteNamed =
  (means: Means) =>
  (name: string): Site =>
    name === ANY_MACHINE ? anywhere(means) : farSite(name, means);
