import { NEW_FLEET } from '../../src/core/model/fleet.ts';
import type { Ms } from '../../src/core/model/seen.ts';
import { lastLocalIn } from '../../src/core/model/task.ts';
import { reconcile } from '../../src/core/reconcile.ts';
import type { World } from '../../src/core/tick/world.ts';
import { createEngine, type Engine } from '../../src/engine/loop.ts';
import { createLife, type Life } from './life.ts';
import { portsFor } from './ports/index.ts';
import { withoutHold } from './safeguards.ts';
import type { Stage } from './stage.ts';

/** The daemons of one simulation, one after the other (or, without the lock, side by side). */
export interface Daemons {
  start(): void;
  /** Killed, without a chance to do anything; started again after a while. */
  kill(down: Ms): void;
  /** Told to leave by a person; started again after it has left. */
  leave(drain: boolean, down: Ms): void;
  isUp(): boolean;
  /** How many there were. */
  starts(): number;
  seen(): World | null;
  wake(): void;
  hurry(): void;
}

interface Running {
  readonly life: Life;
  readonly engine: Engine;
}

/** While something runs, the engine looks so often; the simulation makes do with fewer looks than the daemon. */
const PULSE: Ms = 10_000;
/** A daemon that is told to leave at once may wait so long for calls that do not answer. */
const LEAVE_BOUND: Ms = 60_000;
export const POLL: Ms = 10 * 60_000;

/** As the real start does with a new database: local tasks get numbers that neither git nor the board knows yet. */
function countOn({ contents, repository, board }: Stage): void {
  if (contents.facts.has('fleet')) return;
  const named = [...repository.branches.keys(), ...repository.trees.keys(), board.text].join(' ');
  contents.facts.set('fleet', { ...NEW_FLEET, nextLocal: lastLocalIn(named) + 1 });
}

export function createDaemons(stage: Stage): Daemons {
  const { timeline } = stage;
  let running: Running[] = [];
  let count = 0;
  let stayAway: Ms = 0;
  let restart: (() => void) | null = null;
  let seen: World | null = null;

  function gone(life: Life, down: Ms): void {
    running = running.filter((one) => one.life !== life);
    if (running.length > 0) return;
    restart?.();
    restart = timeline.after(down, start);
  }

  function start(): void {
    restart?.();
    restart = null;
    if (running.length > 0 && stage.without !== 'daemon lock') return stage.trace(() => 'a second daemon is refused: the lock is held');
    count += 1;
    stage.witness.draining(false);
    stage.isLeaving = false;
    seen = null;
    countOn(stage);
    const life = createLife(stage, count, (down) => gone(life, down));
    const ports = portsFor(stage, life);
    const settings = { pollInterval: () => POLL, pulse: PULSE, trees: 'trees', baseBranch: 'main', draft: false };
    const decide: typeof reconcile = (world, policy, now) => {
      seen = world;
      return (stage.without === 'mass-death hold' ? withoutHold : reconcile)(world, policy, now);
    };
    const onClockSet = (): void => {
      stayAway = 0;
      life.leave();
      engine.leave();
    };
    const engine: Engine = createEngine({ ports, settings, policy: () => stage.policy, onClockSet, reconcile: decide });
    stage.trace(() => `daemon ${life.number} starts`);
    running.push({ life, engine });
    engine.run().then(
      () => {
        if (life.isDead()) return;
        stage.trace(() => `daemon ${life.number} has left`);
        life.die();
        gone(life, stayAway);
      },
      (error: unknown) => {
        // One that dies while it leaves, at its last word: that it is dead is no mistake.
        if (!life.isDead()) stage.judge.broken('the daemon makes no mistakes', `it ends with ${String(error)}`);
      },
    );
  }

  return {
    start,
    kill(down) {
      for (const { life } of running) {
        life.die();
        stage.trace(() => `daemon ${life.number} is killed`);
        gone(life, down);
      }
    },
    leave(drain, down) {
      stayAway = down;
      stage.isLeaving = true;
      for (const { engine, life } of running) {
        if (drain) engine.drain();
        else {
          life.leave();
          engine.leave();
        }
        stage.judge.expect({
          invariant: 'stop means stop',
          within: LEAVE_BOUND,
          holds: () => drain || !running.some((one) => one.life === life),
          words: () => `daemon ${life.number} was told to leave at once and is still there`,
        });
      }
      if (drain && running.length > 0) stage.witness.draining(true);
    },
    isUp: () => running.length > 0,
    starts: () => count,
    seen: () => seen,
    wake: () => {
      for (const { engine } of running) engine.wake();
    },
    hurry: () => {
      for (const { engine } of running) engine.hurry();
    },
  };
}
