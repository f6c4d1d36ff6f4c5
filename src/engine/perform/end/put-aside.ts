import { NOTHING } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** STOP with a person's words of after the run's end goes to its folder, so that they are read once. */
export const putAside: Performs<'put-aside'> = {
  kind: 'put-aside',
  async perform({ ports }, { task, run }) {
    await ports.workspaces.consumeSigns(task.id, run.id);
    return NOTHING;
  },
};
