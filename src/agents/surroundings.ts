import { basename } from 'node:path';
import type { TaskId } from '../core/model/task.ts';
import { environmentOf, homeOf, makeHome } from './ground/environment.ts';
import type { AgentKind } from './ground/kind.ts';
import type { AgentSettings } from './ground/settings.ts';
import { homesOf } from './kinds.ts';

/** Makes the home that all runs of a task share; answers a worker's whole environment. Repeating it is harmless. */
export async function makeSurroundings(kind: AgentKind, settings: AgentSettings, task: TaskId): Promise<Readonly<Record<string, string>>> {
  const home = homeOf(settings.root, task);
  await makeHome(settings, home, homesOf(basename(settings.command[0] ?? ''), kind));
  if (settings.boxed === true) await kind.welcome?.(settings, home);
  return { ...environmentOf(settings, task, home), ...kind.variables(settings.machine, settings) };
}

/** The same for what runs for a task beside its agent: its home, and nothing of the agent's own. `names`: variables that are passed on. */
export async function jobSurroundings(
  settings: AgentSettings,
  task: TaskId,
  names: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const home = homeOf(settings.root, task);
  await makeHome(settings, home, []);
  return environmentOf({ ...settings, env: names }, task, home);
}
