import type { Ms } from '../../core/model/seen.ts';
import { type RunId, unknownTask } from '../../core/model/task.ts';
import type { Policy } from '../../core/tick/policy.ts';
import { superviseAlone } from '../../core/watch/alone.ts';
import { messageOf } from '../../core/words/message-of.ts';
import type { Site } from '../../engine/act/site.ts';
import type { Performed } from '../../engine/perform/step/performs.ts';
import { type Clock, every } from '../../engine/ports/machine/clock.ts';
import type { Charge, Charges } from './charges.ts';

/** A coordinator looks at its runs every second or two: one that has not for so long is not there, or cannot be heard. */
export const CUT_OFF_MS = 15_000;
const LOOK_EVERY_MS = 1_000;

export interface AloneMeans {
  readonly charges: Charges;
  readonly home: Site;
  readonly policy: Policy;
  /** Of this machine alone; no other one's is ever asked. */
  readonly clock: Clock;
  readonly say: (words: string) => void;
}

export interface Alone {
  /** The coordinator was heard. */
  heard(): void;
  close(): Promise<void>;
}

/** Ends what has to end while nobody is heard: by the same limits, and in the same steps, as the coordinator would. */
export function superviseWhileAlone({ charges, home, policy, clock, say }: AloneMeans): Alone {
  const goneSince = new Map<RunId, Ms>();
  const flying = new Map<RunId, Promise<void>>();
  const abort = new AbortController();
  let lastHeard = clock.steady();
  let isTold = false;
  let looking: Promise<void> | null = null;

  const isAlone = (): boolean => clock.steady() - lastHeard > CUT_OFF_MS;

  async function look(): Promise<void> {
    const mine = charges.all();
    if (mine.length === 0) return;
    if (!isTold) say(`nobody was heard for ${CUT_OFF_MS / 1_000} s: from here on this machine ends runs by itself`);
    isTold = true;
    const sight = await home.look(mine.map(({ run }) => run));
    // Whoever decides for all machines was heard meanwhile: the runs are theirs again.
    if (!isAlone() || abort.signal.aborted) return;
    for (const [run, seen] of sight.processes) {
      if (!(seen.known && seen.value.kind === 'gone' && seen.value.exit === null)) goneSince.delete(run);
      else if (!goneSince.has(run)) goneSince.set(run, clock.now());
    }
    const tasks = mine.flatMap(({ task }) => task ?? []);
    const runs = mine.map(({ run }) => run);
    const decided = superviseAlone(runs, tasks, { ...sight, goneSince, busy: new Set(flying.keys()) }, policy, clock.now());
    for (const [run, cause] of decided.causes) say(`ends ${run}: ${cause.by}: ${cause.reason}`);
    for (const run of decided.runs) charges.decided(run, decided.causes.get(run.id) ?? null);
    for (const action of decided.actions) if (action.kind !== 'abort' && !flying.has(action.run)) fly(action);
  }

  function fly(action: Performed): void {
    const charge = charges.of(action.run);
    if (charge === null) return;
    const done = perform(action, charge)
      .catch((error: unknown) => say(`${action.kind} of ${action.run}: ${messageOf(error)}`))
      .finally(() => void flying.delete(action.run));
    flying.set(action.run, done);
  }

  async function perform(action: Performed, { run, task }: Charge): Promise<void> {
    const { events } = await home.perform(action, { run, task: task ?? unknownTask(run.task, ''), issue: null }, abort.signal);
    charges.did(run.id, { events: events.filter(({ event }) => event.kind !== 'ended') });
  }

  const end = every(clock, LOOK_EVERY_MS, () => {
    if (!isAlone()) return;
    looking ??= look()
      .catch((error: unknown) => say(`cannot look at the runs here: ${messageOf(error)}`))
      .finally(() => {
        looking = null;
      });
  });

  return {
    heard() {
      if (isTold) say('the coordinator is heard again');
      isTold = false;
      lastHeard = clock.steady();
    },
    async close() {
      end();
      abort.abort();
      await looking;
      await Promise.allSettled(flying.values());
    },
  };
}
