import type { Ms } from '../../../src/core/model/seen.ts';
import type { Clock } from '../../../src/engine/ports/machine/clock.ts';
import type { Timeline } from '../incidents/timeline.ts';
import type { Life } from '../life.ts';

/** A process of ours: it may be killed, and it may be frozen, at any step between two that it waits for. */
export interface Program {
  readonly name: string;
  isDead(): boolean;
  isFrozen(): boolean;
  kill(): void;
  freeze(): void;
  thaw(): void;
  /** It freezes just before such a call. */
  freezeAt(call: string, lasts: Ms): void;
  /** Waits while it is frozen, and for ever once it is dead. */
  gate(): Promise<void>;
  after(delay: Ms, fire: () => void): () => void;
  pause(delay: Ms): Promise<void>;
  /** What it does by its ports waits with it. */
  living(life: Life, before?: (call: string) => Promise<void>): Life;
  keeping(clock: Clock): Clock;
}

export function createProgram(timeline: Timeline, name: string): Program {
  let isDead = false;
  let isFrozen = false;
  let held: (() => void)[] = [];
  let armed: { readonly call: string; readonly lasts: Ms } | null = null;

  const go = (fire: () => void): void => {
    if (isDead) return;
    if (isFrozen) held.push(fire);
    else fire();
  };
  const freeze = (): void => {
    isFrozen = true;
  };
  const thaw = (): void => {
    isFrozen = false;
    const waiting = held;
    held = [];
    for (const fire of waiting) timeline.after(0, () => go(fire));
  };
  const gate = (): Promise<void> => (isDead || isFrozen ? new Promise((resolve) => go(resolve)) : Promise.resolve());
  const after = (delay: Ms, fire: () => void): (() => void) => {
    let isOff = false;
    const cancel = timeline.after(delay, () => go(() => void (isOff || fire())));
    return () => {
      isOff = true;
      cancel();
    };
  };
  return {
    name,
    isDead: () => isDead,
    isFrozen: () => isFrozen,
    kill() {
      isDead = true;
      held = [];
    },
    freeze,
    thaw,
    freezeAt(call, lasts) {
      armed = { call, lasts };
    },
    gate,
    after,
    pause: (delay) => new Promise((resolve) => void after(delay, resolve)),
    living: (life, before = async () => undefined) => ({
      ...life,
      isDead: () => isDead || life.isDead(),
      async call(called, effect, options) {
        if (armed !== null && (armed.call === '' || armed.call === called)) {
          const { lasts } = armed;
          armed = null;
          freeze();
          timeline.after(lasts, thaw);
        }
        await gate();
        await before(called);
        try {
          return await life.call(called, effect, options);
        } finally {
          await gate();
        }
      },
      async pause(delay, signal) {
        try {
          await life.pause(delay, signal);
        } finally {
          await gate();
        }
      },
    }),
    keeping: (clock) => ({ ...clock, at: (time, wake) => clock.at(time, () => go(wake)) }),
  };
}
