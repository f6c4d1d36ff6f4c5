import { type Command, Option } from 'commander';
import { REPORTED_SINCE } from '../ground/moment-argument.ts';
import { rootOf } from '../ground/root.ts';
import type { ReportOptions } from './show-report.ts';

export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description('How well the agents did: success with its sample size, durations, cost per merged pull, failures by type, by day')
    .option('--since <time>', 'only from then on: 24h, 30d, 14:30 or 2026-11-01', REPORTED_SINCE)
    .addOption(new Option('--json', 'as JSON, stable names').conflicts('html'))
    .option('--html', 'as one page with charts that needs no network')
    .option('--offline', 'do not ask the forge which pulls were merged')
    .addHelpText(
      'after',
      '\nExamples:\n  tac8 report\n  tac8 report --since 7d --json | jq .success\n  tac8 report --since 90d --html > report.html',
    )
    .action(async (options: ReportOptions, command: Command) => {
      const { showReport } = await import('./show-report.ts');
      await showReport(rootOf(command), options);
    });
}
