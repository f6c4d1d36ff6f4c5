import type { Command } from 'commander';
import type { SearchOptions } from './show-search.ts';
import { taskArgument } from './task-argument.ts';
import { readLogs } from './view.ts';

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description('Finds words in what all agents said and did: task, attempt, time, line')
    .argument('<words>', 'upper and lower case alike')
    .option('--regex', 'the words are a regular expression')
    .option('--task <task>', 'only in the logs of this task', taskArgument)
    .option('--tool <name>', 'only in calls of this tool and their results')
    .option('--json', 'one JSON object a line')
    .option('--no-pager', 'straight to the terminal')
    .addHelpText(
      'after',
      `
Examples:
  tac8 search "permission denied"
  tac8 search --tool Bash "npm test" --task 450
  tac8 search --regex 'E[A-Z]{4,}:' --json | jq -r .task | sort | uniq -c

Ends with 1 when nothing is found.`,
    )
    .action(async (words: string, options: Omit<SearchOptions, 'words'>, command: Command) => {
      const { search } = await import('./show-search.ts');
      await readLogs(command, (io) => search({ ...options, words }, io));
    });
}
