import type { TaskId } from '../../core/model/task.ts';
import { ALLOW } from '../../orders/give-order.ts';
import { order } from '../owner/order.ts';

/** Only by the daemon: the kernel tells it who asks. */
export const allowHost = (from: string, task: TaskId, host: string): Promise<void> =>
  order(from, {
    ...{ verb: ALLOW, more: { task, host }, json: false },
    without: 'Write the host into sandbox.profile.hosts of tac8.yaml.',
  });
