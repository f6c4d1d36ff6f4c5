import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';
import type { StartOptions } from './run-daemon.ts';

export function addStartCommand(program: Command): void {
  program
    .command('start')
    .description('Poll the labelled issues and work on them, in the foreground, until stopped')
    .option('--once', 'work on what is there now, and leave when that is done')
    .option('--dry-run', 'show what tac8 would do, and do nothing')
    .option('--standby', 'while another coordinator works with the same Postgres, wait; when it is gone, go on with its work')
    .option('--json', 'one JSON line per event')
    .addHelpText(
      'after',
      `
The first Ctrl-C (or SIGTERM) starts nothing new and leaves when the running workers are done.
The second leaves at once; workers go on, and the next start takes them up again.

--standby needs \`machines\` in tac8.yaml: in a clone on another machine it takes over 30 s after the
coordinator was heard last, with its tasks, its board and its live runs.

Examples:
  tac8 start
  tac8 start --standby
  tac8 start --once
  tac8 start --dry-run --json`,
    )
    .action(async (options: StartOptions, command: Command) => {
      if (options.dryRun) {
        const { showPlan } = await import('../fleet/show-plan.ts');
        return showPlan(rootOf(command), options.json === true);
      }
      const { runDaemon } = await import('./run-daemon.ts');
      await runDaemon(rootOf(command), options);
    });
}
