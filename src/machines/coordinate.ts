import type { Environment } from '../compose/log.ts';
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
    const say = (words: string): void => void process.stderr.write(`${words}\n`);
    return await openMachines(project, env, version, { say, signal: leaving.signal });
  } catch (error) {
    if (leaving.signal.aborted) return 'left';
    throw error;
  } finally {
    for (const one of signals) process.off(one, leave);
  }
}
