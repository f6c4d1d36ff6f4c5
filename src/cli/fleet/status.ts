import { type Command, Option } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('Show who must act, what runs, and what waits and why; works without a daemon, too')
    .option('--json', 'as JSON, in the shape of docs/status.md')
    .addOption(new Option('--watch', 'redraw in place until Ctrl-C').conflicts('json'))
    .addHelpText('after', '\nExamples:\n  tac8 status\n  tac8 status --watch\n  tac8 status --json | jq .counters')
    .action(async (options: { json?: true; watch?: true }, command: Command) => {
      const { showStatus, watchStatus } = await import('./show-status.ts');
      if (options.watch) return watchStatus(rootOf(command));
      await showStatus(rootOf(command), options.json === true);
    });
}
