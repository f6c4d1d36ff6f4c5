import type { Command } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';
import type { DiffOptions } from './show-diff.ts';

export function addDiffCommand(program: Command): void {
  program
    .command('diff')
    .description(
      'Show what the worker of a task has changed so far, committed or not; for an ended task, from its worktree, branch or snapshot',
    )
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--stat', 'only which files changed, and how much')
    .option('--json', 'files and counts as JSON')
    .option('--no-pager', 'print straight to the terminal, without a pager')
    .addHelpText(
      'after',
      '\nExamples:\n  tac8 diff 450\n  tac8 diff 450 --stat\n  tac8 diff 450 > gh-450.patch\n  tac8 diff 450 --json | jq .files',
    )
    .action(async (task: TaskId, options: DiffOptions, command: Command) => {
      const { showDiff } = await import('./show-diff.ts');
      await showDiff(rootOf(command), task, options);
    });
}
