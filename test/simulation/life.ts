import type { Ms } from '../../src/core/model/seen.ts';
import { PortError } from '../../src/engine/ports/error.ts';
import type { Stage } from './stage.ts';

/** One daemon process, from its start to its end. When it dies, whatever it still had in hand never goes on. */
export interface Life {
  readonly number: number;
  readonly isDead: () => boolean;
  /** It was told to go, and gives up what it has in hand. */
  isLeaving(): boolean;
  leave(): void;
  die(): void;
  /**
   * One call of the engine to the outside. The daemon may die before the effect and after it; the effect may be refused, delayed, done
   * without an answer. `limit`: how long the adapter waits before it gives up.
   */
  call<T>(name: string, effect: () => T, options?: CallOptions): Promise<T>;
  /** The same for a call that does not wait. */
  sync<T>(name: string, effect: () => T): T;
  pause(delay: Ms, signal?: AbortSignal): Promise<void>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly limit?: Ms;
}

/** A step that failed may be tried again only after so long. */
const LONGEST_BACKOFF: Ms = 5 * 60_000;

class Died extends Error {}

const never = <T>(): Promise<T> => new Promise(() => undefined);

export function createLife(stage: Stage, number: number, onDeath: (down: Ms) => void): Life {
  const { timeline, troubles } = stage;
  let dead = false;
  let leaving = false;
  /** Every place where the daemon may die: before and after each effect. */
  const cross = (name: string): void => {
    if (dead) return;
    const down = troubles.cross(name);
    if (down === null) return;
    dead = true;
    stage.trace(() => `the daemon dies at ${name}`);
    onDeath(down);
  };
  const pause = (delay: Ms, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const cancel = timeline.after(delay, () => {
        if (!dead) resolve();
      });
      signal?.addEventListener(
        'abort',
        () => {
          cancel();
          if (!dead) reject(new PortError('retryable', 'given up'));
        },
        { once: true },
      );
    });
  const giveUp = (signal: AbortSignal | undefined): void => {
    if (signal?.aborted) throw new PortError('retryable', 'given up');
  };

  return {
    number,
    isDead: () => dead,
    isLeaving: () => leaving,
    leave() {
      leaving = true;
    },
    die() {
      dead = true;
    },
    async call(name, effect, { signal, limit = 30_000 } = {}) {
      cross(name);
      if (dead) return never();
      giveUp(signal);
      const met = troubles.meet(name);
      if (met.delay > 0) {
        stage.waits(met.delay);
        await pause(met.delay, signal);
      }
      if (met.hangs) {
        stage.trace(() => `${name} hangs`);
        stage.waits(limit);
        await pause(limit, signal);
        throw new PortError('retryable', `${name}: no answer within ${limit} ms`);
      }
      if (dead) return never();
      if (met.error !== null) {
        stage.trace(() => `${name}: ${met.error?.sort} error`);
        throw met.error;
      }
      const value = effect();
      cross(`${name}, done`);
      if (dead) return never();
      if (!met.isLost) return value;
      stage.trace(() => `${name}: its answer is lost`);
      stage.waits(LONGEST_BACKOFF);
      throw new PortError('retryable', `${name}: the connection broke`);
    },
    sync(name, effect) {
      cross(name);
      if (dead) throw new Died('the daemon is dead');
      const value = effect();
      cross(`${name}, done`);
      if (dead) throw new Died('the daemon is dead');
      return value;
    },
    pause,
  };
}
