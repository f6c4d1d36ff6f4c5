import { PortError } from '../../ports/error.ts';
import { result } from '../step/apply.ts';
import type { Performs } from '../step/performs.ts';

/** Ends what outlived the agent: its tools, their children, in whatever session. Done after a good end, too. */
export const sweep: Performs<'sweep'> = {
  kind: 'sweep',
  async perform({ ports }, { run }) {
    const identity = run.state === 'running' || run.state === 'stopping' ? run.process : null;
    const { reached, left } = await ports.workers.signal(run.id, identity, 'SIGKILL');
    ports.log.info('ended what outlived the agent', { run: run.id, reached, left });
    // Tried again a little later: what is asked at once would be asked in a circle.
    if (left > 0) throw new PortError('retryable', `kill unconfirmed: ${left} of ${reached} processes still live`);
    return result({ kind: 'swept', members: reached }, `${reached} processes outlived the agent`);
  },
};
