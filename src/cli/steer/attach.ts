import type { Command } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';
import type { AttachOptions } from './attach-session.ts';

const HELP = `
The worker is ended first, as by \`stop\`: its tool in hand may end, its work is saved. When you leave the agent, a task that was at work or
asked a question goes on in the same conversation; one that had ended stays as it is. Until then the task is paused, also if the
agent ends with an error or your terminal dies: \`tac8 resume 450\` then lets it go on. The agent gets the worker's environment; the names in agent.env are read from this shell.

Examples:
  tac8 attach 450
  tac8 attach 450 --no-resume     and leave it paused afterwards
  tac8 attach 450 --message "Only the tests are left."`;

export function addAttachCommand(program: Command): void {
  program
    .command('attach')
    .description('Take over the conversation of a task in the agent’s own interactive mode, and hand it back afterwards')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--resume', 'hand it back even if the task had ended')
    .option('--no-resume', 'do not hand it back')
    .option('--message <words>', 'what the agent is told first when it goes on')
    .addHelpText('after', HELP)
    .action(async (task: TaskId, options: AttachOptions, command: Command) => {
      const { attachTo } = await import('./attach-session.ts');
      await attachTo(rootOf(command), task, options);
    });
}
