import { mkdirSync } from 'node:fs';
import { lockRepository } from '../../compose/premises.ts';
import { copyState } from '../../machines/open.ts';
import { openProject } from '../../place/project.ts';

/** The state of another clone's coordinator, here; no daemon may run meanwhile. */
export async function copyStore(from: string): Promise<void> {
  const project = await openProject(from, process.env);
  mkdirSync(project.state, { recursive: true, mode: 0o700 });
  const lock = lockRepository(project);
  try {
    process.stdout.write(`${await copyState(project, process.env)}\n`);
  } finally {
    lock.release();
  }
}
