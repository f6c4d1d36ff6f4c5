import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addPlanCommand(program: Command): void {
  program
    .command('plan')
    .description('What the next tick would do, and why: from the issues, the board and the processes as they are now')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nNothing is written and nothing is started.\n\nExamples:\n  tac8 plan\n  tac8 plan --json | jq .actions')
    .action(async (options: { json?: true }, command: Command) => {
      const { showPlan } = await import('./show-plan.ts');
      await showPlan(rootOf(command), options.json === true);
    });
}
