import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write tac8.yaml and worker_template.md into this repository; existing files stay as they are')
    .addHelpText('after', '\nExamples:\n  cd my-repository && tac8 init\n  tac8 -C ../widgets init')
    .action(async (_options: object, command: Command) => {
      const { initialise } = await import('./initialise.ts');
      await initialise(rootOf(command));
    });
}
