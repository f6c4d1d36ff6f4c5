import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addCleanCommand(program: Command): void {
  program
    .command('clean')
    .description('Show what the daemon would remove, and why: worktrees of completed tasks, old logs, run folders and snapshots')
    .option('--apply', 'remove it; worktrees are saved first')
    .option('--kept', 'also show what stays, and why')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nA running daemon does this by itself.\n\nExamples:\n  tac8 clean\n  tac8 clean --kept\n  tac8 clean --apply')
    .action(async (options: { apply?: true; kept?: true; json?: true }, command: Command) => {
      const { cleanUp } = await import('./clean-up.ts');
      await cleanUp(rootOf(command), { apply: options.apply === true, kept: options.kept === true, json: options.json === true });
    });
}
