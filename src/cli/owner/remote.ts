import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addRemoteCommand(program: Command): void {
  const remote = program
    .command('remote')
    .description('The address of origin that counts: as it was at the first start, or as you accepted it since')
    .addHelpText('after', '\nExamples:\n  tac8 remote show\n  tac8 remote accept');
  remote
    .command('show')
    .description('Show the address that counts, and the one that git’s settings name where it is another')
    .addHelpText('after', '\nExamples:\n  tac8 remote show')
    .action(async (_: unknown, command: Command) => (await import('./pin-remote.ts')).showRemote(rootOf(command)));
  remote
    .command('accept')
    .description('Accept the address that git’s settings name now')
    .addHelpText('after', '\nExamples:\n  tac8 remote accept')
    .action(async (_: unknown, command: Command) => (await import('./pin-remote.ts')).acceptRemote(rootOf(command)));
}
