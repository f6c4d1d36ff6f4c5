import { type Command, Option } from 'commander';
import { rootOf } from '../ground/root.ts';
import type { SuperviseOptions } from './run-supervise.ts';

const HELP = `
The unit leaves workers alone: a stop, a restart or an upgrade ends the daemon, workers go on, and the next start takes them up.
It starts again by itself when the daemon fails or hangs, and writes to the journal. Tokens go into .tac8/service.env, which only you
can read.

Examples:
  tac8 service install --print       what would be written
  tac8 service install               as your own unit; \`loginctl enable-linger\` keeps it when you log out
  sudo tac8 service install --system starts with the machine, runs as the owner of the repository
  tac8 service install --standby     in a second clone: waits for the lead
  tac8 service status
  tac8 service uninstall`;

export function addServiceCommand(program: Command): void {
  const service = program
    .command('service')
    .description('Keep the daemon running: a unit of systemd, on macOS of launchd')
    .addHelpText('after', HELP);
  const verb = (name: 'install' | 'uninstall' | 'status', description: string): Command =>
    service
      .command(name)
      .description(description)
      .option('--system', 'for the whole system, not for your login (needs root)')
      .option('--json', 'as JSON')
      .addHelpText('after', HELP)
      .action(async (options: SuperviseOptions, command: Command) => {
        const { supervise } = await import('./run-supervise.ts');
        await supervise(rootOf(command), name, options);
      });
  verb('install', 'Write the unit, enable it and start it')
    .addOption(new Option('--print', 'show the unit, write nothing').conflicts('json'))
    .option(
      '--standby',
      'while another coordinator works with the same Postgres, it waits; when that one is gone, it goes on with its work',
    );
  verb('uninstall', 'Stop the daemon and remove the unit; workers go on');
  verb('status', 'Say whether the unit is installed and runs');
}
