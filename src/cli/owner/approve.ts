import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

const HELP = `
A change of workflows, settings of agents, hooks or CODEOWNERS is not pushed before a person has seen it (pulls.allow names exceptions).
\`tac8 diff N\` shows it. The approval counts for that very commit. A worker that runs this command is refused.

Examples:
  tac8 diff 12
  tac8 approve 12`;

export function addApproveCommand(program: Command): void {
  program
    .command('approve')
    .description('Let a push go that waits for a person')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('--json', 'the answer as JSON')
    .addHelpText('after', HELP)
    .action(async (task: string, { json }: { json?: true }, command: Command) => {
      const { order } = await import('./order.ts');
      await order(rootOf(command), {
        ...{ verb: 'approve', more: { task }, json: json === true },
        without: 'Start it with `tac8 start`, then approve: the daemon pushes.',
      });
    });
}
