import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerAttach } from '../../adapters/machines/calls.ts';
import { openDatabase } from '../../adapters/machines/database.ts';
import { readFleet } from '../../adapters/machines/fleet.ts';
import { lockConversation } from '../../compose/premises.ts';
import type { TaskId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import { runnerProject } from '../../machines/runner.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { openSession } from '../session/converse.ts';
import { addressOf, type RunnerCall } from './run-runner.ts';

/** A person at the machine of a conversation that `tac8 attach` was asked for on the coordinator. The runner goes on beside it. */
export async function attachHere({ join: address, dir, name, schema }: RunnerCall, task: TaskId): Promise<void> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) throw new Exit(EXIT.usage, '--attach needs a terminal');
  const database = await openDatabase(addressOf(address, process.env), schema);
  try {
    const fleet = await readFleet(database);
    const project = fleet === null ? null : await runnerProject(resolve(dir), fleet, process.env);
    const found = await answerAttach(database, name, task, async ({ run, session, base }) => {
      if (project === null) throw new PortError('terminal', 'no coordinator was ever started');
      const worktree = join(project.root, project.settings.worktrees.dir, task);
      if (!existsSync(worktree)) throw new PortError('terminal', `the worktree of ${task} no longer exists on ${name}`);
      const lock = lockConversation(project, task);
      if ('heldBy' in lock)
        throw new PortError('terminal', `somebody is attached to ${task} already: process ${lock.heldBy.pid ?? 'unknown'}`);
      const hint = `\`tac8 attach ${task}\` on the coordinator opens it again.`;
      await openSession({ project, task, run, session, worktree, base, stays: `${task} stays paused`, hint }).finally(lock.release);
      return true;
    });
    if (found === null)
      throw new Exit(
        EXIT.refused,
        `nobody has asked for ${task} on ${name}`,
        `Type \`tac8 attach ${task}\` on the coordinator first, and leave it open.`,
      );
    process.stdout.write(`${task} is handed back: the coordinator says how it goes on\n`);
  } finally {
    await database.close();
  }
}
