import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addInitCommand(program: Command): void {
  program
    .command('init')
    .description('Write tac8.yaml and worker_template.md into this repository; existing files stay as they are')
    .option('--app', 'also make a GitHub App for tac8 to work as, in place of a token: one click in your browser makes it, one installs it')
    .option('--org <name>', 'with --app: the App belongs to this organisation')
    .option('--webhook <address>', 'with --app: GitHub sends webhooks to this address, such as https://YOUR-NAME/webhooks/github')
    .addHelpText(
      'after',
      `
The App may read and write contents, issues and pull requests of the repositories that you install it on, and read checks, statuses and actions. Its key and
the secret of its webhook are kept in ~/.config/tac8/apps, readable for you alone.

Examples:
  cd my-repository && tac8 init
  tac8 init --app
  tac8 -C ../widgets init --app --org acme`,
    )
    .action(async (options: { app?: true; org?: string; webhook?: string }, command: Command) => {
      const { initialise } = await import('./initialise.ts');
      await initialise(rootOf(command), options);
    });
}
