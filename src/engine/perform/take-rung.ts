import type { Rung } from '../../core/run.ts';
import { NOTHING, type Result } from '../apply.ts';
import type { Context } from '../context.ts';
import type { Subject } from './index.ts';

const SIGNALS = { interrupt: 'SIGINT', terminate: 'SIGTERM', kill: 'SIGKILL' } as const;

/** One rung of the stop ladder. That it was taken is written already; whether it worked is seen by the next probe. */
export async function takeRung({ ports }: Context, { run }: Subject, rung: Rung): Promise<Result> {
  if (run.state !== 'stopping') return NOTHING;
  if (rung === 'ask') {
    const line = ports.agents.interrupt(run);
    if (line !== null) await ports.workers.say(run.id, line);
    await ports.workers.closeInput(run.id);
    return NOTHING;
  }
  await ports.workers.signal(run.id, run.process, SIGNALS[rung]);
  return NOTHING;
}
