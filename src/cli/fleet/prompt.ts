import type { Command } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

export function addPromptCommand(program: Command): void {
  program
    .command('prompt')
    .description('What the agent of a task would be told if it began now, and how long that is')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--agent <name>', 'for this agent of tac8.yaml (default: the one that the routes choose)')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
The text alone goes to stdout; its size and where its parts stand go to stderr. Nothing is written and nothing is started. A part is replaced by a
file of your own: worker_template/rules.md for all agents, worker_template/deep/rules.md for the agent called deep.

Examples:
  tac8 prompt 450
  tac8 prompt 450 --agent deep
  tac8 prompt 450 --json | jq .parts`,
    )
    .action(async (task: TaskId, options: { agent?: string; json?: true }, command: Command) => {
      const { showPrompt } = await import('./show-prompt.ts');
      await showPrompt(rootOf(command), task, options);
    });
}
