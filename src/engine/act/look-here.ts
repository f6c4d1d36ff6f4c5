import type { Run, StreamFacts } from '../../core/model/run.ts';
import type { Ms, Seen } from '../../core/model/seen.ts';
import type { RunId, TaskId } from '../../core/model/task.ts';
import type { ProcessSeen, Signs } from '../../core/tick/world.ts';
import type { Eyes } from '../ports/context.ts';
import { see } from './see.ts';
import type { SiteSight } from './site.ts';

/** A machine that is slower than this is not waited for any longer. */
export const HERE_WITHIN: Ms = 10_000;

const identityOf = (run: Run) => (run.state === 'running' || run.state === 'stopping' ? run.process : null);

/** What is seen of these runs on this machine. Asks the ports side by side. */
export async function lookHere(ports: Eyes, runs: readonly Run[]): Promise<SiteSight> {
  const processes = new Map<RunId, Seen<ProcessSeen>>();
  const streams = new Map<RunId, StreamFacts>();
  const unread = new Map<RunId, string>();
  const signs = new Map<TaskId, Seen<Signs>>();
  const each = runs.map(async (run) => {
    if (run.state === 'preparing') return;
    // It is over, and a person may say only now why.
    if (run.state === 'settled') {
      signs.set(run.task, await see(ports.clock, () => ports.workspaces.signs(run.task)));
      return;
    }
    if (run.state !== 'ended') {
      processes.set(run.id, await see(ports.clock, () => ports.workers.probe(run.id, identityOf(run))));
    }
    // Words in a STOP file may be written after the end.
    if (run.state !== 'ended' || run.settlement.outcome === undefined)
      signs.set(run.task, await see(ports.clock, () => ports.workspaces.signs(run.task)));
    // After the probe: what a process wrote before it was seen gone is in its log by now.
    const stream = await see(ports.clock, () => ports.agents.follow(run, ports.clock.now()));
    if (stream.known) streams.set(run.id, stream.value);
    else unread.set(run.id, stream.because);
  });
  const [machine] = await Promise.all([see(ports.clock, () => ports.surroundings.machine()), Promise.all(each)]);
  return { processes, streams, unread, signs, machine };
}
