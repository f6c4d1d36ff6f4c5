import { type Command, Option } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';
import type { RestoreOptions } from './restore-work.ts';

export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .description('Put saved work of a task back: into its worktree, or into a folder of its own; what is there now is saved first')
    .argument('<task>', TASK_FORMS, taskArgument)
    .addOption(new Option('-l, --list', 'only show what is saved, newest first').conflicts(['ref', 'to']))
    .option('--ref <ref>', 'that snapshot, as --list names it; default: the newest')
    .option('--to <dir>', 'into this folder, which is empty or does not exist yet')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nWorks without a daemon; nothing in tasks.md changes.\n\nExamples:\n  tac8 restore 450 --list\n  tac8 restore 450\n  tac8 restore 450 --ref w-1a2b3c/2 --to /tmp/gh-450',
    )
    .action(async (task: TaskId, options: RestoreOptions, command: Command) => {
      const { restoreWork } = await import('./restore-work.ts');
      await restoreWork(rootOf(command), task, options);
    });
}
