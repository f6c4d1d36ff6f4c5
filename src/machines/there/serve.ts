import { answerCalls } from '../../adapters/machines/calls.ts';
import type { Dispatch } from '../../adapters/machines/dispatch.ts';
import { type Capacity, HEARTBEAT_MS } from '../../adapters/machines/register.ts';
import type { Shared } from '../../adapters/machines/shared.ts';
import type { Ask } from '../../adapters/machines/wire.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { Policy } from '../../core/tick/policy.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { type Clock, every } from '../../engine/ports/machine/clock.ts';
import type { Workers } from '../../engine/ports/machine/workers.ts';
import { superviseWhileAlone } from '../alone/alone.ts';
import { endForgotten } from '../gone/returned.ts';
import { answer, type RunnerMeans } from './answer.ts';
import { watchStarts } from './starts.ts';
import { notUnderstood } from './versions.ts';

/** Words may be missed; what waits is looked for this often. */
const TAKE_EVERY_MS = 500;

/** A machine that works for a coordinator, and all that it stands on. */
export interface RunnerParts extends Omit<RunnerMeans, 'starts' | 'dispatch' | 'shared'> {
  readonly shared: Shared;
  readonly dispatch: Dispatch;
  readonly clock: Clock;
  readonly workers: Pick<Workers, 'signal'>;
  readonly policy: Policy;
  readonly branchPrefix: string;
  readonly version: string;
  readonly slots: number;
  readonly labels: readonly string[];
  /** How often it looks for what waits without having heard of it; left out: twice a second. */
  readonly takeEvery?: Ms;
  /** What it has room for now. */
  readonly capacity: () => Promise<Pick<Capacity, 'boot' | 'protocol' | 'load' | 'freeDisk' | 'freeMemory'>>;
  /** From then on it takes nothing more; `onRetired`: nothing of it runs any more. Null: it goes on. */
  readonly retireAt: Ms | null;
  readonly onRetired: () => void;
  /** What happens, a sentence each. */
  readonly say: (words: string) => void;
}

/** Says that it is there, takes runs while it has slots, and does what the coordinator asks. Answers what ends that; the workers go on. */
export async function serve(parts: RunnerParts): Promise<() => Promise<void>> {
  const { shared, dispatch, clock, name, slots, version, labels, say, home, charges, policy } = parts;
  const starts = watchStarts(clock.steady, say);
  const alone = superviseWhileAlone({ charges, home, policy, clock, say });
  const means: RunnerMeans = { ...parts, starts };
  let isLost = false;
  /** Why this version cannot work with the coordinator's; null: it can. */
  let refusal: string | null = null;

  async function tellAlive(): Promise<void> {
    try {
      const capacity = await parts.capacity();
      const ahead = await shared.ahead(clock.now);
      await shared.beat({ name, version, slots, ahead, labels, broken: starts.broken(), ...capacity });
      if (isLost) say('Postgres answers again');
      isLost = false;
      const me = await shared.machineNamed(name);
      if (me?.forgotten === true) comeBack();
      const before = refusal;
      refusal = notUnderstood(await shared.fleet(), version);
      if (refusal !== null && refusal !== before) say(`${refusal} It takes nothing until then; what runs here goes on.`);
    } catch (error) {
      if (!isLost) say(`${messageOf(error)}: the workers go on, and tac8 reports what they did when Postgres is back`);
      isLost = true;
    }
  }

  let comingBack: Promise<void> | null = null;
  function comeBack(): void {
    comingBack ??= endForgotten(means, parts, name)
      .catch((error: unknown) => say(messageOf(error)))
      .finally(() => {
        comingBack = null;
      });
  }

  const isRetiring = (): boolean => parts.retireAt !== null && clock.now() >= parts.retireAt;

  async function takeWhatFits(): Promise<void> {
    for (;;) {
      const me = await shared.machineNamed(name);
      if (me === null || me.draining || me.forgotten || refusal !== null || me.runs.length >= slots) return;
      if (isRetiring() && me.runs.length === 0) parts.onRetired();
      if (isRetiring() || !starts.mayTake(me.runs.length)) return;
      const taken = await dispatch.take(name, labels);
      if (taken === null) return;
      say(`takes ${taken.task} (${taken.run})`);
    }
  }

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

  await tellAlive();
  const stopAnswers = answerCalls(shared, clock, name, (body, signal, call) => {
    alone.heard();
    return answer(means, body as Ask, signal, call);
  });
  const ends = [
    every(clock, HEARTBEAT_MS, () => void tellAlive()),
    every(clock, parts.takeEvery ?? TAKE_EVERY_MS, take),
    shared.listen('leases', take),
    shared.listen('offers', take),
  ];
  return async () => {
    for (const end of ends) end();
    await taking;
    await comingBack;
    await alone.close();
    await stopAnswers();
  };
}
