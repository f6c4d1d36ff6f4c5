import { openStore } from '../adapters/store/sqlite/open-store.ts';
import type { Environment } from '../compose/log.ts';
import type { DaemonFact } from '../engine/ports/records/facts.ts';
import type { Accepted } from '../place/project.ts';
import { type Machines, openMachines } from './open.ts';

/** The coordinator's machines. A standby waits here until it has the lead; 'left': it was told to leave before. */
export async function openFor(project: Accepted, env: Environment, version: string, isStandby: boolean): Promise<Machines | null | 'left'> {
  if (!isStandby) return openMachines(project, env, version);
  const leaving = new AbortController();
  const leave = (): void => leaving.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGUSR2'] as const;
  for (const one of signals) process.on(one, leave);
  try {
    const say = (words: string): void => {
      process.stderr.write(`${words}\n`);
      noteStanding(project, words);
    };
    return await openMachines(project, env, version, { say, signal: leaving.signal });
  } catch (error) {
    if (!leaving.signal.aborted) throw error;
    noteStanding(project, null);
    return 'left';
  } finally {
    for (const one of signals) process.off(one, leave);
  }
}

/** For `tac8 status` in this clone: what is waited for. A store that another one's takes the place of does not keep it. */
function noteStanding(project: Accepted, words: string | null): void {
  const store = openStore(project, 'write');
  try {
    const nothing = { issues: null, pulls: null, problems: [], held: null };
    const notes = [{ task: null, text: words ?? '', until: null }];
    const daemon: DaemonFact = { ...nothing, at: Date.now(), draining: false, pid: process.pid, slots: 0, notes };
    store.commit({ facts: { daemon: words === null ? undefined : daemon } });
  } finally {
    store.close();
  }
}
