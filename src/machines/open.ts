import { hostname } from 'node:os';
import { systemClock } from '../adapters/machine/clock.ts';
import { createCalls } from '../adapters/machines/calls.ts';
import { compareClocks } from '../adapters/machines/clocks.ts';
import { copyIn, readCopy } from '../adapters/machines/copy/copy.ts';
import { type Database, openDatabase } from '../adapters/machines/database.ts';
import { openDispatch } from '../adapters/machines/dispatch.ts';
import { publish } from '../adapters/machines/fleet.ts';
import { type Holder, holderOf, LEAD_FREE_AFTER_MS, type Lead, takeLead } from '../adapters/machines/lead.ts';
import { sharedOn } from '../adapters/machines/shared.ts';
import { openRows } from '../adapters/store/sqlite/rows.ts';
import type { OtherMachines } from '../compose/fence/fence.ts';
import { forgeAddress } from '../compose/forge-address.ts';
import type { Environment } from '../compose/log.ts';
import type { Checked } from '../config/schema/schema.ts';
import type { Settings } from '../config/settings.ts';
import { ANY_MACHINE, machineOf } from '../core/model/fleet.ts';
import type { Task } from '../core/model/task.ts';
import type { Site } from '../engine/act/site.ts';
import { PortError } from '../engine/ports/error.ts';
import { cloneOf } from '../files/clone.ts';
import { originUrl } from '../place/origin.ts';
import type { Accepted } from '../place/project.ts';
import { anywhere } from './anywhere.ts';
import { logsHere } from './far-log.ts';
import { farSite, fetchWorkFrom, type Means } from './far-site.ts';
import { foldersHere } from './folder-here.ts';
import { makeRounds } from './gone/rounds.ts';
import { inherit } from './standby/inherit.ts';
import { type Shipping, shipChanges } from './standby/shipping.ts';
import { standBy, type Waiting } from './standby/stand-by.ts';
import { isBehind, keepOwn, refuseCopy, takeOver } from './standby/take-over.ts';

/** The coordinator's connection to its machines. */
export interface Machines extends OtherMachines {
  /** What was gone on with, in words; null: this coordinator's own state. */
  readonly tookOver: string | null;
  /** Told once, when another coordinator has taken over. */
  onLost(hear: (why: string) => void): void;
  /** Sends what is left of the store's changes: asked for while the store is open still. */
  settle(): Promise<void>;
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

/** What git has here of a run's task comes from its machine so much later: the repository is looked after first. */
const BRING_AFTER_MS = 10_000;

/**
 * Connects to Postgres, takes the lead, and lays the settings down there, for the runners. `standby`: waits for the lead, and goes on with the work of
 * the coordinator that had it. Null: the settings name no machines.
 */
export async function openMachines(
  project: Accepted,
  env: Environment,
  version: string,
  standby: Waiting | null = null,
): Promise<Machines | null> {
  const { settings, written } = project;
  if (settings.machines === null) return null;
  const { schema, forgetAfter } = settings.machines;
  const database = await openDatabase(postgresUrl(settings.machines, env), schema);
  let heard: ((why: string) => void) | null = null;
  let lost: string | null = null;
  const lose = (why: string): void => {
    if (lost === null) heard?.(why);
    lost = why;
  };
  try {
    const [holder, repository] = [await holderAt(project), repositoryOf(project)];
    if (standby !== null) await refuseEarly(database, repository, schema);
    const lead = await (standby === null ? takeHere(project, database, holder, lose) : standBy(database, holder, lose, standby));
    const tookOver = await goOn(project, database, lead, repository);
    await publish(database, forRunners(written), version);
    const dispatch = await openDispatch(database, lead);
    const shared = sharedOn(database, lead);
    const calls = createCalls(shared, lead);
    const clocks = compareClocks(shared, systemClock.now, systemClock.steady);
    let shipping: Shipping | null = null;
    const mayAct = (): Promise<void> => shipping?.shipped() ?? lead.check();
    let endRounds: () => Promise<void> = async () => undefined;
    let bringing: NodeJS.Timeout | null = null;
    return {
      tookOver,
      owner: lead.owner,
      mayAct,
      keeping(store, path) {
        keepOwn(store, lead);
        shipping = shipChanges({
          table: copyIn(database),
          lead,
          clock: systemClock,
          openRows: () => openRows(path),
          of: { repository, words: holder.words },
        });
        return shipping.noting(store);
      },
      sites(parts) {
        endRounds = makeRounds({ ...parts, shared, clock: systemClock, dispatch, lead, forgetAfter });
        const fetch = (machine: string, task: Task): Promise<void> => fetchWorkFrom(machine, { ...parts, shared, calls }, task);
        const inherited = inherit({ ...parts, shared, fetch });
        bringing = setTimeout(() => void inherited.bringAll(), BRING_AFTER_MS);
        const folders = foldersHere(parts.workspaces);
        for (const run of parts.store.openRuns()) if (machineOf(run) !== null) void folders.make(run.task);
        const here = { clock: systemClock, logs: logsHere(parts.logs), folders };
        return (home) => siteNamed({ ...parts, ...here, shared, calls, clocks, dispatch, lead: { check: mayAct }, home, inherited });
      },
      onLost(hear) {
        heard = hear;
        if (lost !== null) hear(lost);
      },
      settle: async () => shipping?.close(),
      async close() {
        if (bringing !== null) clearTimeout(bringing);
        await endRounds();
        if (lost === null) await soon(lead.release());
        await dispatch.close();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/**
 * Brings the state of a coordinator that has left here, and begins nothing: the next start goes on with it. Answers in words what it did. Only for who
 * holds the daemon's lock.
 */
export async function copyState(project: Accepted, env: Environment): Promise<string> {
  const { machines } = project.settings;
  if (machines === null)
    throw new PortError('terminal', 'tac8.yaml names no machines: the state is in .tac8/ alone', { hint: 'See docs/machines.md.' });
  const database = await openDatabase(postgresUrl(machines, env), machines.schema);
  try {
    const copy = await readCopy(database);
    if (copy === null) throw new PortError('terminal', `no coordinator has worked with the schema ${database.schema} yet`);
    if (!isBehind(project, copy)) return 'nothing to copy: what is here is how things stand';
    refuseCopy(copy, repositoryOf(project), database.schema);
    const lead = await takeLead(database, await holderAt(project), () => undefined).catch((error: unknown) => {
      if (!(error instanceof PortError) || error.sort !== 'terminal') throw error;
      throw new PortError('terminal', error.message, { hint: '`tac8 stop --now` there first: its workers go on.' });
    });
    try {
      return `copied the state of the coordinator ${copy.words}${await takeOver(project, database, lead, copy)}`;
    } finally {
      await soon(lead.release());
    }
  } finally {
    await database.close();
  }
}

const SOON_MS = 3_000;

/** Whoever leaves does not wait for a Postgres that is away. */
async function soon(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SOON_MS);
  });
  await Promise.race([work.catch(() => undefined), enough]);
  clearTimeout(timer);
}

const holderAt = async ({ gitDir, root }: Accepted): Promise<Holder> => ({
  id: await cloneOf(gitDir),
  words: `of ${root} on ${hostname()}`,
});

/** As the forge has it; null: it is at none. */
function repositoryOf({ settings, gitDir }: Accepted): string | null {
  const address = forgeAddress(settings, originUrl(gitDir));
  return address === null ? null : `${address.owner}/${address.name}`.toLowerCase();
}

/** Takes the lead where the work is one's own: whoever wants to go on with another coordinator's says so. */
async function takeHere(project: Accepted, database: Database, holder: Holder, lose: (why: string) => void): Promise<Lead> {
  const [seen, copy] = [await holderOf(database), await readCopy(database)];
  const isFree = seen !== null && seen.holder !== holder.id && seen.silentMs > LEAD_FREE_AFTER_MS;
  if (isFree && copy !== null && isBehind(project, copy))
    throw new PortError(
      'terminal',
      `the coordinator ${copy.words} has worked with the schema ${database.schema}, and its state is not here`,
      {
        hint: '`tac8 start --standby` goes on with it here; another repository has a schema of its own (machines.schema).',
      },
    );
  return takeLead(database, holder, lose);
}

async function refuseEarly(database: Database, repository: string | null, schema: string): Promise<void> {
  const copy = await readCopy(database);
  if (copy?.isWhole === true) refuseCopy(copy, repository, schema);
}

/** Goes on with what another coordinator has written since this one last did; null: none has. */
async function goOn(project: Accepted, database: Database, lead: Lead, repository: string | null): Promise<string | null> {
  const copy = await readCopy(database);
  if (copy === null || !isBehind(project, copy)) return null;
  refuseCopy(copy, repository, database.schema);
  return `goes on with the work of the coordinator ${copy.words}${await takeOver(project, database, lead, copy)}`;
}

/** What a runner works with: neither the forge nor Postgres, no page, and nobody to tell. None of it is a secret: those have names. */
function forRunners({ repo: _repo, machines: _machines, ...written }: Checked): Checked {
  return { ...written, notify: [], http: { ...written.http, enabled: false } };
}

export const siteNamed =
  (means: Means) =>
  (name: string): Site =>
    name === ANY_MACHINE ? anywhere(means) : farSite(name, means);
