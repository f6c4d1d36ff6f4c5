import { hostname } from 'node:os';
import { createCalls } from '../adapters/machines/calls.ts';
import { compareClocks } from '../adapters/machines/clocks.ts';
import { openDatabase } from '../adapters/machines/database.ts';
import { openDispatch } from '../adapters/machines/dispatch.ts';
import { publish } from '../adapters/machines/fleet.ts';
import { takeLead } from '../adapters/machines/lead.ts';
import type { OtherMachines } from '../compose/daemon.ts';
import type { Environment } from '../compose/log.ts';
import type { Checked } from '../config/schema/schema.ts';
import type { Settings } from '../config/settings.ts';
import { ANY_MACHINE } from '../core/model/fleet.ts';
import type { Site } from '../engine/act/site.ts';
import { PortError } from '../engine/ports/error.ts';
import { cloneOf } from '../files/clone.ts';
import type { Accepted } from '../place/project.ts';
import { anywhere } from './anywhere.ts';
import { farSite, type Means } from './far-site.ts';
import { makeRounds } from './gone/rounds.ts';

/** The coordinator's connection to its machines. */
export interface Machines extends OtherMachines {
  /** Told once, when another coordinator has taken over. */
  onLost(hear: (why: string) => void): void;
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
export async function openMachines(
  { settings, written, root, gitDir }: Accepted,
  env: Environment,
  version: string,
): Promise<Machines | null> {
  if (settings.machines === null) return null;
  const database = await openDatabase(postgresUrl(settings.machines, env), settings.machines.schema);
  let heard: ((why: string) => void) | null = null;
  let lost: string | null = null;
  const lose = (why: string): void => {
    if (lost === null) heard?.(why);
    lost = why;
  };
  try {
    const lead = await takeLead(database, { id: await cloneOf(gitDir), words: `of ${root} on ${hostname()}` }, lose);
    await publish(database, forRunners(written), version);
    const dispatch = await openDispatch(database);
    const calls = createCalls(database, lead);
    const clocks = compareClocks(database, () => Date.now());
    let endRounds: () => Promise<void> = async () => undefined;
    const close = async (): Promise<void> => {
      await endRounds();
      await dispatch.close();
      await database.close();
    };
    return {
      sites: (parts) => {
        endRounds = makeRounds({ ...parts, database, dispatch, lead, forgetAfter: settings.machines?.forgetAfter ?? null });
        return (home) => siteNamed({ database, calls, clocks, dispatch, lead, home, ...parts });
      },
      onLost(hear) {
        heard = hear;
        if (lost !== null) hear(lost);
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
