import type { TaskId } from '../../../core/model/task.ts';
import type { Readers } from '../../../core/review/pull-text.ts';
import type { Context } from '../../ports/context.ts';
import { placesOf } from '../../ports/repository/workspaces.ts';

/** Who reads what is said at the forge, and which folders they need not know. */
export const readersOf = ({ ports, settings, policy }: Context, task: TaskId): Readers => ({
  places: placesOf(ports.workspaces, settings.trees, task),
  orders: policy().orders,
  follows: policy().pulls.follow,
});
