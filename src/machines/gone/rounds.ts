import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Dispatch } from '../../adapters/machines/dispatch.ts';
import type { Forgotten } from '../../adapters/machines/forgotten.ts';
import type { Lead } from '../../adapters/machines/lead.ts';
import type { Shared } from '../../adapters/machines/shared.ts';
import { PROTOCOL, understand } from '../../adapters/machines/tables/schema.ts';
import type { Ms } from '../../core/model/seen.ts';
import { unknownTask } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { type Clock, every } from '../../engine/ports/machine/clock.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import { watchSilence } from './silence.ts';
import { tellOfMachines } from './told.ts';

const EVERY_MS = 5_000;

interface Parts {
  readonly shared: Shared;
  readonly clock: Clock;
  readonly workspaces: Pick<GitWorkspaces, 'takeWork'>;
  readonly dispatch: Pick<Dispatch, 'welcome'>;
  readonly lead: Pick<Lead, 'renew'>;
  readonly log: Log;
  readonly store: Pick<Store, 'fact' | 'commit'>;
  /** Null: only a person gives a machine up. */
  readonly forgetAfter: Ms | null;
}

/** The coordinator's look at machines that are gone: gives them up by the setting, and takes what those have saved that came back. */
export function makeRounds({ shared, clock, dispatch, lead, workspaces, log, store, forgetAfter }: Parts): () => Promise<void> {
  const goneForGood = forgetAfter === null ? () => [] : watchSilence(forgetAfter);
  const told = tellOfMachines(store, clock.now);
  let going: Promise<void> | null = null;

  async function round(): Promise<void> {
    const machines = await shared.machines().catch((error: unknown) => {
      told.notHeard(error);
      throw error;
    });
    told.heard(machines);
    await lead.renew();
    for (const { name, protocol, version, draining } of machines) {
      await dispatch.welcome(name);
      if (understand(protocol, PROTOCOL) || draining) continue;
      await shared.setDraining(name, true);
      log.warn(
        `the runner on ${name} is tac8 ${version}, more than one step apart from this one: it is given nothing until it is upgraded`,
      );
    }
    for (const name of goneForGood(machines, clock.steady())) {
      const runs = await shared.forget(name);
      log.warn(`the machine ${name} was silent for too long (machines.forget_after): its work goes on elsewhere`, {
        runs: runs?.join(' '),
      });
    }
    for (const one of await shared.handedIn()) await take(one).catch((error: unknown) => log.warn(messageOf(error), { run: one.run }));
  }

  /** Its saved work alone: the branch belongs to the run that goes on elsewhere. */
  async function take(one: Forgotten): Promise<void> {
    const { run, task, machine, parcel } = one;
    const { refs, bytes } = await shared.pickUp(parcel ?? '');
    const saved = Object.entries(refs).filter(([name]) => name.startsWith(`refs/tac8/saved/${task}/${run}/`));
    await workspaces.takeWork(unknownTask(task, 'refused/'), { refs: Object.fromEntries(saved), bytes });
    await shared.settleForgotten(one);
    await shared.throwAway(parcel ?? '');
    log.info(`the machine ${machine} is back: ${run} is ended there, and what it had is saved`, {
      task,
      saved: saved.map(([name]) => name),
    });
  }

  const go = (): void => {
    going ??= round()
      .catch(() => undefined)
      .finally(() => {
        going = null;
      });
  };
  const end = every(clock, EVERY_MS, go);
  go();
  return async () => {
    end();
    await going;
  };
}
