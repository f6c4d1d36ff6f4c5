import { issueNumber } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { ToLaunch } from '../ground/kind.ts';
import type { AgentSettings } from '../ground/settings.ts';

/**
 * The command line of any other agent: each element is a strict Liquid template of its own, so that a value with blanks or
 * quotes stays one argument. Pure. Throws a terminal PortError that names an unknown variable.
 */
export function commandArgv(settings: AgentSettings, launch: Omit<ToLaunch, 'folder'>): [string, ...string[]] {
  const { task, run, render } = launch;
  const variables = {
    task: task.id,
    run: run.id,
    prompt: launch.prompt,
    prompt_file: launch.promptFile,
    worktree: launch.worktree,
    branch: task.branch,
    model: run.agent.model ?? settings.model ?? '',
    issue: issueNumber(task.id) ?? '',
  };
  const [program, ...rest] = settings.command.map((element, i) => render(element, variables, `agent.command[${i}]`));
  if (program === undefined || program === '') {
    throw new PortError('terminal', 'agent.command is empty', { hint: 'Name the program to run in tac8.yaml under agent.command.' });
  }
  // A NUL cannot be in an argument: the kernel would cut it there.
  const argv = [program, ...rest].map((element) => element.replaceAll('\0', '')) as [string, ...string[]];
  for (const [i, element] of argv.entries()) refuseTooLong(element, i);
  return argv;
}

/** Bytes of one argument that Linux takes, its closing NUL not counted. */
const MOST = 128 * 1024 - 1;

function refuseTooLong(element: string, i: number): void {
  const bytes = Buffer.byteLength(element);
  if (bytes <= MOST) return;
  throw new PortError('terminal', `agent.command[${i}] has ${bytes} bytes with its values put in, and an argument may have ${MOST}`, {
    hint: 'Give the program {{ prompt_file }} in place of {{ prompt }}, or have it read the prompt from its stdin.',
  });
}
