import type { Command } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';
import type { OpenOptions } from './open-page.ts';

export function addOpenCommand(program: Command): void {
  program
    .command('open')
    .description('Open the pull request of a task in your browser, or its issue while there is no pull request')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--issue', 'the issue, even if there is a pull request')
    .option('--print', 'only print the address')
    .addHelpText(
      'after',
      '\nWithout a screen (over ssh, say) the address is printed.\n\nExamples:\n  tac8 open 450\n  tac8 open 450 --issue --print',
    )
    .action(async (task: TaskId, options: OpenOptions, command: Command) => {
      const { openPage } = await import('./open-page.ts');
      await openPage(rootOf(command), task, options);
    });
}
