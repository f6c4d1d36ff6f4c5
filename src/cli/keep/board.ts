import type { Command } from 'commander';
import { rootOf } from '../ground/root.ts';

const EXAMPLES = `
\`tac8 status\` shows a held edit, \`tac8 plan\` what it would do.

Examples:
  tac8 board accept
  tac8 board restore`;

export function addBoardCommands(program: Command): void {
  program
    .command('lint')
    .description('Check tasks.md: list each line that tac8 cannot read, with its number; exit code 1 if there is one')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  tac8 lint\n  tac8 lint --json | jq .[].line')
    .action(async (options: { json?: true }, command: Command) => {
      const { lintTasks } = await import('./lint-tasks.ts');
      await lintTasks(rootOf(command), options.json === true);
    });
  const board = program
    .command('board')
    .description('Decide about a held edit of tasks.md, one that looks like an accident')
    .addHelpText('after', EXAMPLES);
  board
    .command('accept')
    .description('Accept the edit as it is')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: object, command: Command) => {
      const { answerHeldEdit } = await import('./held-edit.ts');
      await answerHeldEdit(rootOf(command), 'accept');
    });
  board
    .command('restore')
    .description('Put the board back; the edit is kept as a copy')
    .addHelpText('after', EXAMPLES)
    .action(async (_options: object, command: Command) => {
      const { answerHeldEdit } = await import('./held-edit.ts');
      await answerHeldEdit(rootOf(command), 'restore');
    });
}
