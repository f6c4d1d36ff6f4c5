import type { GitWorkspaces } from '../../adapters/git/workspaces.ts';
import type { Database } from '../../adapters/machines/database.ts';
import type { Dispatch } from '../../adapters/machines/dispatch.ts';
import { type Forgotten, forgetMachine, handedIn, settleForgotten } from '../../adapters/machines/forgotten.ts';
import type { Lead } from '../../adapters/machines/lead.ts';
import { pickUp, throwAway } from '../../adapters/machines/packs.ts';
import { listMachines, setDraining } from '../../adapters/machines/register.ts';
import { PROTOCOL, understand } from '../../adapters/machines/schema.ts';
import type { Ms } from '../../core/model/seen.ts';
import { unknownTask } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import type { Store } from '../../engine/ports/records/store.ts';
import { watchSilence } from './silence.ts';
import { tellOfMachines } from './told.ts';

const EVERY_MS = 5_000;

interface Parts {
  readonly database: Database;
  readonly workspaces: Pick<GitWorkspaces, 'takeWork'>;
  readonly dispatch: Pick<Dispatch, 'welcome'>;
  readonly lead: Pick<Lead, 'renew'>;
  readonly log: Log;
  readonly store: Pick<Store, 'fact' | 'commit'>;
  /** Null: only a person gives a machine up. */
  readonly forgetAfter: Ms | null;
}

/** The coordinator's look at machines that are gone: gives them up by the setting, and takes what those have saved that came back. */
export function makeRounds({ database, dispatch, lead, workspaces, log, store, forgetAfter }: Parts): () => Promise<void> {
  const goneForGood = forgetAfter === null ? () => [] : watchSilence(forgetAfter);
  const told = tellOfMachines(store, () => Date.now());
  let going: Promise<void> | null = null;

  async function round(): Promise<void> {
    const machines = await listMachines(database).catch((error: unknown) => {
      told.notHeard(error);
      throw error;
    });
    told.heard(machines);
    await lead.renew();
    for (const { name, protocol, version, draining } of machines) {
      await dispatch.welcome(name);
      if (understand(protocol, PROTOCOL) || draining) continue;
      await setDraining(database, name, true);
      log.warn(
        `the runner on ${name} is tac8 ${version}, more than one step apart from this one: it is given nothing until it is upgraded`,
      );
    }
    for (const name of goneForGood(machines, performance.now())) {
      const runs = await forgetMachine(database, name);
      log.warn(`the machine ${name} was silent for too long (machines.forget_after): its work goes on elsewhere`, {
        runs: runs?.join(' '),
      });
    }
    for (const one of await handedIn(database)) await take(one).catch((error: unknown) => log.warn(messageOf(error), { run: one.run }));
  }

  /** Its saved work alone: the branch belongs to the run that goes on elsewhere. */
  async function take(one: Forgotten): Promise<void> {
    const { run, task, machine, parcel } = one;
    const { refs, bytes } = await pickUp(database, parcel ?? '');
    const saved = Object.entries(refs).filter(([name]) => name.startsWith(`refs/tac8/saved/${task}/${run}/`));
    await workspaces.takeWork(unknownTask(task, 'refused/'), { refs: Object.fromEntries(saved), bytes });
    await settleForgotten(database, one);
    await throwAway(database, parcel ?? '');
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
  const timer = setInterval(go, EVERY_MS);
  go();
  return async () => {
    clearInterval(timer);
    await going;
  };
}
