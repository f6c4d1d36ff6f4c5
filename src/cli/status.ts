import { type Command, Option } from 'commander';
import { rootOf } from './root.ts';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('Who must act, what runs, what waits and why; works when no daemon runs, too')
    .option('--json', 'as JSON, in the shape of docs/status.md')
    .addOption(new Option('--watch', 'draw anew in place until Ctrl-C').conflicts('json'))
    .addHelpText('after', '\nExamples:\n  tac8 status\n  tac8 status --watch\n  tac8 status --json | jq .counters')
    .action(async (options: { json?: true; watch?: true }, command: Command) => {
      const { showStatus, watchStatus } = await import('./show-status.ts');
      if (options.watch) return watchStatus(rootOf(command));
      await showStatus(rootOf(command), options.json === true);
    });
}
