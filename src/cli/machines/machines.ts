import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addMachinesCommand(program: Command): void {
  const machines = program
    .command('machines')
    .description('The machines that work for this repository: when they were last heard of, their slots and runs')
    .option('--json', 'as JSON')
    .addHelpText('after', "\nExamples:\n  tac8 machines\n  tac8 machines --json | jq -r '.machines[] | select(.silent_ms > 30000).name'")
    .action(async (options: { readonly json?: true }, command: Command) => {
      const { showMachines } = await import('./show-machines.ts');
      await showMachines(rootOf(command), options.json === true);
    });
  addGrantCommand(machines);
  machines
    .command('forget')
    .argument('<machine>', 'its name, as `tac8 machines` shows it')
    .description('Give a machine up that is gone for good: its tasks go on elsewhere, from their last snapshot')
    .addHelpText(
      'after',
      `
If the machine comes back, tac8 ends what it had there and saves it here; then the machine works again.
\`machines.forget_after\` in tac8.yaml does this by itself.

Examples:
  tac8 machines forget big-one`,
    )
    .action(async (name: string, _options: object, command: Command) => {
      const { forgetOne } = await import('./show-machines.ts');
      await forgetOne(rootOf(command), name);
    });
}

function addGrantCommand(machines: Command): void {
  machines
    .command('grant')
    .argument('<role>', 'a role of Postgres that can log in')
    .description('Give a role of Postgres the rights of a runner: the rows of its own machine, and no other')
    .addHelpText(
      'after',
      `
Each runner may log in by a role of its own. It reads what its own machine is given, and cannot order anything.

Examples:
  psql -c "create role big_one login password '...'"
  tac8 machines grant big_one`,
    )
    .action(async (role: string, _options: object, command: Command) => {
      const { grantRole } = await import('./show-machines.ts');
      await grantRole(rootOf(command), role);
    });
}

export function addStoreCommand(program: Command): void {
  const store = program
    .command('store')
    .description('Where the state of this repository is kept')
    .addHelpText('after', '\nExamples:\n  tac8 store copy');
  store
    .command('copy')
    .description('Bring the state that a coordinator in another clone left here; the next `tac8 start` goes on with it')
    .addHelpText(
      'after',
      `
For a move to another machine while workers run on runners: \`tac8 stop --now\` in the old clone, then this
in the new one. What was here before is kept beside it.

Examples:
  tac8 store copy`,
    )
    .action(async (_options: object, command: Command) => {
      const { copyStore } = await import('./copy-store.ts');
      await copyStore(rootOf(command));
    });
}

export function addDrainCommand(program: Command): void {
  program
    .command('drain')
    .argument('<machine>', 'its name, as `tac8 machines` shows it')
    .description('Give a machine nothing more to do; what runs there goes on')
    .option('--undo', 'give it work again')
    .addHelpText('after', '\nExamples:\n  tac8 drain big-one\n  tac8 drain big-one --undo')
    .action(async (name: string, options: { readonly undo?: true }, command: Command) => {
      const { drainMachine } = await import('./show-machines.ts');
      await drainMachine(rootOf(command), name, options.undo !== true);
    });
}
