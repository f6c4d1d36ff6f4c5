import type { Ms } from '../../../src/core/model/seen.ts';
import { rootOf, type TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';
import { isPartOf } from './words/sentences.ts';

/** Why a task is not to run: its label is gone, a person took it out, or a person stopped it. Different things lift each. */
export type BanKind = 'label' | 'cancel' | 'stop';

/** Which tasks a person wants to have stopped. */
export interface Bans {
  /** From now on, and after `within` of untroubled time nothing of it may live. */
  put(task: TaskId, kind: BanKind, why: string, within: Ms): void;
  has(task: TaskId): boolean;
  /** A person wants it again. Without `kinds`: whatever the ban was. */
  lift(task: TaskId, kinds?: readonly BanKind[]): void;
  liftAll(): void;
}

export function createBans(stage: Pick<Stage, 'judge' | 'kernel' | 'trace'>): Bans {
  const bans = new Map<TaskId, { readonly kind: BanKind; readonly why: string; readonly due: Ms }>();
  const { judge, kernel, trace } = stage;
  judge.forbid('stop means stop', () => {
    for (const [task, { why, due }] of bans) {
      if (judge.healthy() <= due) continue;
      // Of several attempts none may live, where the task that they are for is not to run.
      const live = kernel.liveBelow(task);
      if (live.length > 0) return `${why}, but ${live.length} processes of ${task} (${live[0]?.run}) live`;
    }
    return null;
  });
  return {
    put(task, kind, why, within) {
      const before = bans.get(task);
      trace(() => `${task} is not to run: ${why}`);
      // A stop outlasts a cancellation: the label put on again lifts only the latter.
      const lasting = before?.kind === 'stop' ? 'stop' : kind;
      bans.set(task, { kind: lasting, why, due: Math.min(before?.due ?? Number.POSITIVE_INFINITY, judge.healthy() + within) });
    },
    has: (task) => bans.has(task),
    liftAll: () => bans.clear(),
    lift(task, kinds) {
      // Whoever wants a task wants all attempts at it; whoever wants one of them wants the task.
      for (const [one, ban] of bans) {
        if (!isPartOf(one, task) && rootOf(task) !== one) continue;
        if (kinds !== undefined && !kinds.includes(ban.kind)) continue;
        trace(() => `${one} may run again`);
        bans.delete(one);
      }
    },
  };
}
