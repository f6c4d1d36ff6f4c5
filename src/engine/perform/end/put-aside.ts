import { NOTHING } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** STOP that a person laid after the run's end goes to its folder, so that the next run does not meet it. Where it cannot be moved, that run does. */
export const putAside: Performs<'put-aside'> = {
  kind: 'put-aside',
  async perform({ ports }, { task, run }) {
    await ports.workspaces.consumeSigns(task.id, run.id);
    return NOTHING;
  },
};
