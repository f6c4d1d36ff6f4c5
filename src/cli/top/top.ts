import type { Command } from 'commander';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { rootOf } from '../ground/root.ts';

const HELP = `
Keys: ↑ ↓ move, Enter opens the transcript and follows it, / searches, s stop, x kill, c cancel, r retry, R retry --continue, t tell,
p pause or resume, P the same for the fleet, ? all keys, q leave. What ends work asks first. While no daemon runs it only shows.

Examples:
  tac8 top
  tac8 -C ~/widgets top`;

export function addTopCommand(program: Command): void {
  program
    .command('top')
    .description('A live screen: who works on what, their transcripts, and keys to steer them')
    .addHelpText('after', HELP)
    .action(async (_options: unknown, command: Command) => {
      if (!process.stdin.isTTY || !process.stdout.isTTY)
        throw new Exit(EXIT.usage, 'top needs a terminal; `tac8 status` and `tac8 status --json` need none');
      // Read by the library when it is loaded: its other build warns and is slower.
      process.env.NODE_ENV ??= 'production';
      const { runTop } = await import('./run-top.ts');
      process.exitCode = await runTop(rootOf(command));
    });
}
