import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';
import type { LogsOptions } from './show-logs.ts';
import type { ViewIo, ViewOptions } from './show-view.ts';

export function addViewCommand(program: Command): void {
  program
    .command('view')
    .description('Show what the agent of a task said and did, in all attempts; reads only the log files')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('-d, --detailed', 'every parameter and every result')
    .option('-f, --follow', 'follow what the agent writes, and go on into the next attempt')
    .addOption(new Option('--tools', 'only how often each tool was used').conflicts(['follow', 'errors', 'since', 'last']))
    .option('--errors', 'only what went wrong')
    .option('--since <time>', 'only from then on: 10m, 2h, 14:30, 2026-11-22 or 2026-11-22T14:30')
    .option('-n, --last <lines>', 'only the last lines, as they are shown', lineCount)
    .option('--attempt <n>', 'only that attempt: a number from 1, or a run id')
    .addOption(new Option('--json', 'the events as JSON, one per line').conflicts(['markdown', 'html', 'tools']))
    .addOption(new Option('--markdown', 'as Markdown').conflicts(['html', 'tools']))
    .addOption(new Option('--html', 'as one page that needs no network').conflicts(['follow', 'tools', 'last']))
    .option('--no-pager', 'print straight to the terminal, without a pager')
    .addHelpText(
      'after',
      '\nExamples:\n  tac8 view 450\n  tac8 view 450 --follow\n  tac8 view 450 --last 20\n  tac8 view gh-450 --errors --since 2h\n  tac8 view 450 --markdown > gh-450.md\n  tac8 view 450 --html > gh-450.html',
    )
    .action(async (task: TaskId, options: Omit<ViewOptions, 'task'>, command: Command) => {
      const { view } = await import('./show-view.ts');
      await readLogs(command, (io) => view({ ...options, task }, io));
    });
}

export function addLogsCommand(program: Command): void {
  program
    .command('logs')
    .description('Print the raw lines of the newest run of a task')
    .argument('<task>', TASK_FORMS, taskArgument)
    .option('-F, --follow', 'follow what the agent writes, and go on into the next attempt')
    .option('--all', 'all attempts, oldest first')
    .addHelpText(
      'after',
      `\nExamples:\n  tac8 logs 450\n  tac8 logs 450 -F | jq -r 'select(.type=="assistant") | .message.content[] | select(.type=="text") | .text'`,
    )
    .action(async (task: TaskId, options: Omit<LogsOptions, 'task'>, command: Command) => {
      const { logs } = await import('./show-logs.ts');
      await readLogs(command, (io) => logs({ ...options, task }, io));
    });
}

function lineCount(text: string): number {
  const count = Number(text);
  if (Number.isInteger(count) && count > 0 && count <= 100_000) return count;
  throw new InvalidArgumentError(`"${text}" is not a number of lines between 1 and 100000`);
}

/** Runs what reads logs; Ctrl-C is its ordinary end. */
export async function readLogs(command: Command, run: (io: ViewIo) => Promise<void>): Promise<void> {
  const interrupt = new AbortController();
  const stop = (): void => interrupt.abort();
  process.once('SIGINT', stop);
  try {
    const io = { root: logRoot(resolve(rootOf(command))), out: process.stdout, env: process.env, now: Date.now };
    await run({ ...io, signal: interrupt.signal });
  } finally {
    process.off('SIGINT', stop);
  }
}

/** The nearest folder upwards with logs of runs in it: a transcript can be read whatever else is broken. */
function logRoot(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const logs = join(folder, 'logs');
    if (existsSync(logs) && readdirSync(logs).some((name) => /^(?:gh|local)-\d+\..*jsonl$/.test(name))) return folder;
    if (folder === dirname(folder)) return from;
  }
}
