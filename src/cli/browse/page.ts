import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addPageCommand(program: Command): void {
  program
    .command('page')
    .description('Print a link to the page that the daemon serves; it lets one browser in, once, within 15 minutes')
    .option('--open', 'open it in the browser')
    .option('--json', 'the link as JSON')
    .addHelpText('after', '\nExamples:\n  tac8 page\n  tac8 page --open')
    .action(async (options: { open?: true; json?: true }, command: Command) => {
      const { showPage } = await import('./show-page.ts');
      await showPage(rootOf(command), options);
    });
}
