import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** The agent has said its result and waits for more to do: its stdin ends, so it leaves. */
export const endInput: Performs<'end-input'> = {
  kind: 'end-input',
  async perform({ ports }, { run }) {
    await ports.workers.closeInput(run.id);
    return result({ kind: 'input-ended' }, 'it said its result');
  },
};
