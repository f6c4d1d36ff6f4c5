import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

const HELP = `
Limits, counts and intervals of tac8.yaml count as soon as it is saved. Everything else waits for this command, since a worker can write the
file; \`tac8 status\` names what waits. A worker that runs it is refused.

Examples:
  tac8 reload
  tac8 reload --json`;

export function addReloadCommand(program: Command): void {
  program
    .command('reload')
    .description('Apply all of tac8.yaml, without ending a worker')
    .option('--json', 'the answer as JSON')
    .addHelpText('after', HELP)
    .action(async ({ json }: { json?: true }, command: Command) => {
      const { order } = await import('./order.ts');
      await order(rootOf(command), { verb: 'reload', json: json === true, without: '`tac8 start` reads all of tac8.yaml.' });
    });
}
