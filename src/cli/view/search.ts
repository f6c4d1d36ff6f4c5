import type { Command } from 'commander';
import { taskArgument } from '../ground/task-argument.ts';
import type { SearchOptions } from './show-search.ts';
import { readLogs } from './view.ts';

export function addSearchCommand(program: Command): void {
  program
    .command('search')
    .description('Find words in all that agents said and did; shows task, attempt, time and line')
    .argument('<words>', 'ignore upper and lower case')
    .option('--regex', 'the words are a regular expression')
    .option('--task <task>', 'only in the logs of this task', taskArgument)
    .option('--tool <name>', 'only in calls of this tool and their results')
    .option('--json', 'one JSON object per line')
    .option('--no-pager', 'print straight to the terminal, without a pager')
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
