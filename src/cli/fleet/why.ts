import type { Command } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

export function addWhyCommand(program: Command): void {
  program
    .command('why')
    .description('Why a task runs, waits, failed or was skipped, and what will change that')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  tac8 why 450\n  tac8 why local-1 --json')
    .action(async (task: TaskId, options: { json?: true }, command: Command) => {
      const { showWhy } = await import('./show-why.ts');
      await showWhy(rootOf(command), task, options.json === true);
    });
}
