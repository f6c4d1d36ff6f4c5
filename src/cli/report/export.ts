import { type Command, Option } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';
import type { ExportOptions } from './export-task.ts';

export function addExportCommand(program: Command): void {
  program
    .command('export')
    .description(
      'Print everything about a task: issue, board line, runs, history, transcript, changed files; keys and tokens are taken out',
    )
    .argument('<task>', TASK_FORMS, taskArgument)
    .addOption(new Option('--markdown', 'as Markdown instead of JSON').conflicts('dir'))
    .option('--dir <dir>', 'write gh-450.json and gh-450.md into this folder')
    .option('--offline', 'do not ask the forge for the issue')
    .addHelpText(
      'after',
      '\nExamples:\n  tac8 export 450 > gh-450.json\n  tac8 export 450 --markdown | less\n  tac8 export 450 --dir /tmp\n  tac8 export 450 | jq -r .history[].event\n\nRead it before you share it: tac8 takes out only what it recognises as a secret.',
    )
    .action(async (task: TaskId, options: ExportOptions, command: Command) => {
      const { exportTask } = await import('./export-task.ts');
      await exportTask(rootOf(command), task, options);
    });
}
