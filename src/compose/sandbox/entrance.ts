import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type Entrance, enterBox } from '../../adapters/process/box/foreground.ts';
import { hostsOf, type ToolServers } from '../../agents/ground/mcp.ts';
import type { RunId } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { Launch } from '../../engine/ports/machine/workers.ts';
import type { Project } from '../../place/project.ts';
import { chooseSandbox, composeSandbox, type Environment, refusal, type Sandbox } from './sandbox.ts';

export type { Entrance } from '../../adapters/process/box/foreground.ts';
export { dialInside } from '../../adapters/process/box/inward.ts';

/** The box that a worker would get, for a command of a person's; null: the settings want none. Throws where they want one that does not work. */
export function sandboxFor(project: Project, env: Environment): Sandbox | null {
  const choice = chooseSandbox(project.settings);
  if (choice.kind === 'refused') throw new PortError('terminal', refusal(choice.why));
  return choice.kind === 'none' ? null : composeSandbox(project, project.settings, choice, env, false);
}

/** A command in a task's box, at this terminal. `servers`: of its agent, which it may reach. `beside`: its worker may be at work. */
export async function enterSandbox(
  { state }: Project,
  sandbox: Sandbox,
  { servers = {}, ...what }: Pick<Launch, 'task' | 'profile' | 'argv' | 'env' | 'cwd'> & { readonly servers: ToolServers | undefined },
  beside: boolean,
): Promise<Entrance> {
  const run = `w-${randomBytes(3).toString('hex')}` satisfies RunId;
  const needs = { programs: [], read: [], write: [], hosts: hostsOf(servers) };
  const launch: Launch = { ...what, run, needs, stdin: { kind: 'file', prompt: '' }, log: '', stderr: '', note: null };
  const { argv, env, cwd, box } = await sandbox.wrap(launch, beside);
  if (box === undefined) throw new PortError('terminal', 'there is no sandbox to run it in');
  return enterBox(join(state, 'runs', run), { argv, env, cwd, box });
}
