import { join } from 'node:path';
import { makeBlank } from '../adapters/git/packs/blank.ts';
import { createReadings } from '../adapters/machine/readings.ts';
import { answerCalls } from '../adapters/machines/calls.ts';
import { aheadOfPostgres } from '../adapters/machines/clocks.ts';
import type { Database } from '../adapters/machines/database.ts';
import { openDispatch } from '../adapters/machines/dispatch.ts';
import { type Fleet, readFleet } from '../adapters/machines/fleet.ts';
import { beat, HEARTBEAT_MS, machineNamed } from '../adapters/machines/register.ts';
import { PROTOCOL } from '../adapters/machines/schema.ts';
import type { Ask } from '../adapters/machines/wire.ts';
import { bootId } from '../adapters/process/proc/proc.ts';
import type { Daemon } from '../compose/daemon.ts';
import type { Environment } from '../compose/log.ts';
import { policyOf } from '../compose/policy-of.ts';
import type { Checked } from '../config/schema/schema.ts';
import { toSettings } from '../config/settings.ts';
import type { Ms } from '../core/model/seen.ts';
import { messageOf } from '../core/words/message-of.ts';
import { localSite } from '../engine/act/local-site.ts';
import type { Context } from '../engine/ports/context.ts';
import { findPlace } from '../place/place.ts';
import type { Accepted } from '../place/project.ts';
import { superviseWhileAlone } from './alone/alone.ts';
import { openCharges } from './alone/charges.ts';
import { answer } from './answer.ts';
import { endForgotten } from './gone/returned.ts';
import { watchStarts } from './starts.ts';
import { notUnderstood } from './versions.ts';

const TAKE_EVERY_MS = 500;
const GIT_LIMIT_MS = 120_000;

/** The runner's own repository, with the coordinator's settings. */
export async function runnerProject(dir: string, fleet: Fleet, env: Environment): Promise<Accepted> {
  await makeBlank(dir, GIT_LIMIT_MS);
  const place = await findPlace(dir, env);
  const written = fleet.settings as Checked;
  return { ...place, written, settings: toSettings(written) };
}

export interface RunnerOptions {
  readonly database: Database;
  readonly daemon: Daemon;
  readonly project: Accepted;
  readonly name: string;
  readonly slots: number;
  readonly version: string;
  readonly labels: readonly string[];
  /** From then on it takes nothing more; `onRetired`: nothing of it runs any more. Null: it goes on. */
  readonly retireAt: Ms | null;
  readonly onRetired: () => void;
  /** What happens, a sentence each. */
  readonly say: (words: string) => void;
}

/** Registers the machine, takes runs while it has slots, and does what the coordinator asks. Answers what ends that; the workers go on. */
export async function serveRunner(options: RunnerOptions): Promise<() => Promise<void>> {
  const { database, daemon, project, name, slots, version, labels, say } = options;
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
  // First, since nothing of what follows would end itself where Postgres is away.
  const dispatch = await openDispatch(database);
  const home = localSite(context);
  const charges = openCharges(join(project.state, 'charges'));
  const steady = (): number => performance.now();
  const alone = superviseWhileAlone({ charges, home, policy, now: ports.clock.now, steady, say });
  const mine = { database, workspaces, charges, say, workers: ports.workers, branchPrefix: settings.branchPrefix };
  const starts = watchStarts(steady, say);
  const means = { database, workspaces, root: project.root, logs: project.logs, home, charges, starts, name };
  const readings = createReadings({ root: project.root });
  let isLost = false;
  /** Why this version cannot work with the coordinator's; null: it can. */
  let refusal: string | null = null;

  async function tellAlive(): Promise<void> {
    try {
      const { loadPerCore: load, freeDiskBytes: freeDisk, freeMemoryBytes: freeMemory } = await readings();
      const ahead = await aheadOfPostgres(database, ports.clock.now);
      await beat(database, {
        name,
        boot: bootId(),
        version,
        protocol: PROTOCOL,
        slots,
        load,
        freeDisk,
        freeMemory,
        ahead,
        labels,
        broken: starts.broken(),
      });
      if (isLost) say('Postgres answers again');
      isLost = false;
      const me = await machineNamed(database, name);
      if (me?.forgotten === true) comeBack();
      const before = refusal;
      refusal = notUnderstood(await readFleet(database), version);
      if (refusal !== null && refusal !== before) say(`${refusal} It takes nothing until then; what runs here goes on.`);
    } catch (error) {
      if (!isLost) say(`${messageOf(error)}: the workers go on, and tac8 reports what they did when Postgres is back`);
      isLost = true;
    }
  }

  let comingBack: Promise<void> | null = null;
  function comeBack(): void {
    comingBack ??= endForgotten(mine, name)
      .catch((error: unknown) => say(messageOf(error)))
      .finally(() => {
        comingBack = null;
      });
  }

  const isRetiring = (): boolean => options.retireAt !== null && ports.clock.now() >= options.retireAt;

  async function takeWhatFits(): Promise<void> {
    for (;;) {
      const me = await machineNamed(database, name);
      if (me === null || me.draining || me.forgotten || refusal !== null || me.runs.length >= slots) return;
      if (isRetiring() && me.runs.length === 0) options.onRetired();
      if (isRetiring() || !starts.mayTake(me.runs.length)) return;
      const taken = await dispatch.take(name, labels);
      if (taken === null) return;
      say(`takes ${taken.task} (${taken.run})`);
    }
  }

  await tellAlive();
  const stopAnswers = answerCalls(database, name, (body, signal) => {
    alone.heard();
    return answer(means, body as Ask, signal);
  });
  const beats = setInterval(() => void tellAlive(), HEARTBEAT_MS);
  let taking: Promise<void> | null = null;
  /** Each reason once until it takes again: it tries twice a second. */
  let whyNot: string | null = null;
  const take = (): void => {
    taking ??= takeWhatFits()
      .then(() => {
        whyNot = null;
      })
      .catch((error: unknown) => {
        const message = messageOf(error);
        // While Postgres does not answer, that is said once, by what reports that this machine is alive.
        if (!isLost && message !== whyNot) say(`cannot take a run: ${message}; tries again`);
        whyNot = message;
      })
      .finally(() => {
        taking = null;
      });
  };
  const takes = setInterval(take, TAKE_EVERY_MS);
  const stopListening = database.listen('leases', take);
  return async () => {
    clearInterval(beats);
    clearInterval(takes);
    stopListening();
    await taking;
    await comingBack;
    await alone.close();
    await stopAnswers();
    await dispatch.close();
  };
}
