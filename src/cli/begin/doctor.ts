import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';
import type { DoctorOptions } from './run-doctor.ts';

export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('Check everything that tac8 needs, and say how to mend what is wrong')
    .option('--probe', 'also ask the model one short question, with the login that workers have (costs a few tokens)')
    .option('--write', 'also ask GitHub to write what it has to refuse, which shows whether it may be written; nothing is left there')
    .option('--sandbox', 'try all the ways out of a worker’s sandbox, more than 200, instead of a dozen')
    .option('--fix', 'show what tac8 can repair by itself; nothing that could lose work')
    .option('--yes', 'with --fix: repair it')
    .option('--bundle <file>', 'write a .tar.gz for a bug report: settings, status, log, versions, findings, with secrets taken out')
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      `
✓ as it should be · ! worth a look · ✗ tac8 cannot work like this · ? tac8 could not tell. Exit code 1 when there is a ✗.
It changes nothing without --fix --yes, and needs no daemon and no configuration.

Examples:
  tac8 doctor
  tac8 doctor --probe
  tac8 doctor --write
  tac8 doctor --sandbox          takes a minute or two
  tac8 doctor --fix              what it would do
  tac8 doctor --fix --yes
  tac8 doctor --bundle report.tar.gz
  tac8 doctor --json | jq '.findings[] | select(.level != "ok")'`,
    )
    .action(async (options: DoctorOptions, command: Command) => {
      const { runDoctor } = await import('./run-doctor.ts');
      await runDoctor(rootOf(command), options);
    });
}
