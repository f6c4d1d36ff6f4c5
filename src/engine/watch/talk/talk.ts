import type { Explanation } from '../../../core/explain/explain.ts';
import { type Stamp, whyWords } from '../../../core/explain/issue-words.ts';
import type { TaskId } from '../../../core/model/task.ts';
import type { Policy } from '../../../core/tick/policy.ts';
import { withoutPlaces } from '../../../core/words/harmless.ts';
import type { Ports } from '../../ports/context.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import { placesOf } from '../../ports/repository/workspaces.ts';
import { watchDashboard } from './dashboard-watch.ts';
import { type Powers, watchOrders } from './order-watch.ts';
import { watchStatus } from './status-watch.ts';

/** What a person's comment can do and be told. */
export interface Talk extends Omit<Powers, 'why'> {
  readonly explain: (task: TaskId) => Explanation | null;
}

/** A time that is the same wherever the issue is read. */
const utc: Stamp = (at) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;

/** One round: what people said is heard first, so that they are told what came of it. */
export function watchTalk(
  ports: Ports & { readonly forge: Forge },
  policy: () => Policy,
  { explain, ...powers }: Talk,
  trees: string,
  taskOfPull: (number: number) => TaskId | null,
): (signal: AbortSignal) => Promise<void> {
  const why = (task: TaskId): string => {
    const found = explain(task);
    if (found === null) return 'tac8 has only just begun and has not looked yet: ask again.';
    return withoutPlaces(whyWords(found, utc), placesOf(ports.workspaces, trees, task));
  };
  const orders = watchOrders({
    ...{ ...ports, ...powers, why, taskOfPull },
    wanted: () => policy().orders,
    mayAnswer: () => policy().comment,
  });
  const status = watchStatus({
    ...{ ...ports, explain },
    wanted: () => policy().comment && policy().statusComment,
    orders: () => policy().orders,
    attempts: () => policy().attempts,
    stamp: utc,
  });
  const dashboard = watchDashboard({
    ...{ ...ports, ...powers, stamp: utc },
    wanted: () => policy().dashboard,
    policy: () => ({ slots: policy().slots, usdPerDay: policy().limits.usdPerDay }),
    sentence: (task) => explain(task)?.sentence ?? 'not looked at yet',
  });
  return async (signal) => {
    await orders.hear(signal);
    if (!signal.aborted) await status.tell(signal);
    if (!signal.aborted) await dashboard.keep(signal);
  };
}
