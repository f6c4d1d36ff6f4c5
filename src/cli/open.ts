import type { Command } from 'commander';
import type { TaskId } from '../core/task.ts';
import type { OpenOptions } from './open-page.ts';
import { rootOf } from './root.ts';
import { TASK_FORMS, taskArgument } from './task-argument.ts';

export function addOpenCommand(program: Command): void {
  program
    .command('open')
    .description('Open the pull request of a task in your browser; while there is none, its issue')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--issue', 'the issue, also when there is a pull')
    .option('--print', 'only say the address')
    .addHelpText(
      'after',
      '\nWithout a screen (over ssh, say) the address is printed.\n\nExamples:\n  tac8 open 450\n  tac8 open 450 --issue --print',
    )
    .action(async (task: TaskId, options: OpenOptions, command: Command) => {
      const { openPage } = await import('./open-page.ts');
      await openPage(rootOf(command), task, options);
    });
}
