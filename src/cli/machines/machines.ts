import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

export function addMachinesCommand(program: Command): void {
  program
    .command('machines')
    .description('The machines that work for this repository: when they were last heard of, their slots and runs')
    .option('--json', 'as JSON')
    .addHelpText('after', "\nExamples:\n  tac8 machines\n  tac8 machines --json | jq -r '.machines[] | select(.silent_ms > 30000).name'")
    .action(async (options: { readonly json?: true }, command: Command) => {
      const { showMachines } = await import('./show-machines.ts');
      await showMachines(rootOf(command), options.json === true);
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
