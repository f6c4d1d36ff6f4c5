import type { Run } from '../../../core/model/run.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Context } from '../../ports/context.ts';
import { NOTHING, result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

const SIGNALS = { signal: 'SIGINT', terminate: 'SIGTERM', kill: 'SIGKILL' } as const;

/** One rung of the stop ladder. That it was taken is written already; whether it worked is seen by the next probe. */
export const takeRung: Performs<'rung'> = {
  kind: 'rung',
  async perform(context, { run }, _signal, { rung }) {
    if (run.state !== 'stopping') return NOTHING;
    const { workers } = context.ports;
    switch (rung) {
      case 'ask':
        await forbidTools(context, run);
        return NOTHING;
      case 'interrupt':
        await forbidTools(context, run);
        if (!(await interrupt(context, run))) await workers.signal(run.id, run.process, 'SIGINT');
        return NOTHING;
      case 'signal':
      case 'terminate':
        await workers.signal(run.id, run.process, SIGNALS[rung]);
        return NOTHING;
      case 'kill': {
        const { reached } = await workers.signal(run.id, run.process, 'SIGKILL');
        return reached === 0 ? NOTHING : result({ kind: 'swept', members: reached }, `${reached} processes`);
      }
    }
  },
};

/** An agent without hooks is not asked. A flag that cannot be written (a full disk) does not keep it from being ended. */
async function forbidTools({ ports }: Context, run: Run): Promise<void> {
  try {
    await ports.agents.forbidTools(run);
  } catch (error) {
    ports.log.warn(`${run.id} cannot be told to begin no further tool: ${messageOf(error)}`);
  }
}

/** By the agent's own protocol; false where it has none or does not listen. */
async function interrupt({ ports }: Context, run: Run): Promise<boolean> {
  const line = ports.agents.interrupt(run);
  if (line === null) return false;
  try {
    await ports.workers.say(run.id, line);
    return true;
  } catch (error) {
    ports.log.warn(`${run.id} cannot be interrupted by its protocol: ${messageOf(error)}`);
    return false;
  }
}
