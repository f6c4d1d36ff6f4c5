import { readFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import { ownFile } from '../../place/own-files.ts';

const HELP = `
Install it once; a new shell then knows the commands, the options and the tasks of the repository you are in:
  bash   echo 'source <(tac8 completion bash)' >> ~/.bashrc
  zsh    echo 'source <(tac8 completion zsh)' >> ~/.zshrc
  fish   tac8 completion fish > ~/.config/fish/completions/tac8.fish

Pressing Tab reads the store and changes nothing; it works while no daemon runs, too.`;

export function addCompletionCommand(program: Command): void {
  program
    .command('completion')
    .description('Print the script with which your shell completes commands, options and task numbers')
    .addArgument(new Argument('<shell>').choices(['bash', 'zsh', 'fish']))
    .addHelpText('after', HELP)
    .action((shell: string) => {
      process.stdout.write(readFileSync(ownFile(`shell/tac8.${shell}`), 'utf8'));
    });
}
