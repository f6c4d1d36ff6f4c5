import type { Command } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

export function addCompareCommand(program: Command): void {
  program
    .command('compare')
    .description(
      'Attempts at a task beside each other, made side by side or one after the other: agent, steps, files, tests, cost, how they ended',
    )
    .argument('<task>', TASK_FORMS, taskArgument)
    .argument('[runs...]', 'two runs of it, such as w-1a2b3c (default: those side by side, else the last two)')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  tac8 compare 450\n  tac8 compare 450 w-1a2b3c w-4d5e6f\n  tac8 compare 450 --json')
    .action(async (task: TaskId, runs: string[], { json }: { json?: true }, command: Command) => {
      const { showCompare } = await import('./show-compare.ts');
      await showCompare(rootOf(command), task, runs, json === true);
    });
}
