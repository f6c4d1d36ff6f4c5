import { PortError } from '../../ports/error.ts';
import { type Result, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

const AGAIN_AFTER = 2_000;

/**
 * Says messages to the agent; that they are about to be said is written down already. Where it is certain that a message was not said,
 * that is written down, too; else its acknowledgement in the agent's stream is what is waited for.
 */
export const tell: Performs<'tell'> = {
  kind: 'tell',
  async perform({ ports }, { run }, _signal, { ids }) {
    const unsaid = (from: number, because: string): Result => {
      const event = { kind: 'unsaid', ids: ids.slice(from), notBefore: ports.clock.now() + AGAIN_AFTER } as const;
      return result(event, because);
    };
    for (const [n, id] of ids.entries()) {
      const one = run.tells?.find((other) => other.id === id);
      const line = one === undefined ? null : ports.agents.message(run, one.text, one.uuid);
      if (line === null) return unsaid(n, 'the agent cannot be told anything');
      try {
        await ports.workers.say(run.id, line);
      } catch (error) {
        // `unknown`: part of it may be written.
        if (!(error instanceof PortError) || error.sort === 'unknown') throw error;
        return unsaid(n, error.message);
      }
    }
    return { events: [] };
  },
};
