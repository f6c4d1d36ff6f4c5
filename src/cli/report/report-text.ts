import { hintFor } from '../../core/advice/hints.ts';
import { type Day, perOne, type Report, type Share } from '../../core/explain/report.ts';
import { isFree, moneyWords } from '../../core/limits/spend.ts';
import { duration } from '../../core/words/span.ts';
import type { PullStates } from '../../read/pull-states.ts';
import type { Traffic } from '../../read/refused/traffic.ts';
import { cleanLine } from '../../transcript/show/clean.ts';
import { counted, dayAndClock, grouped, size, spendWords } from '../../transcript/show/quantities.ts';
import { paint } from '../ground/style.ts';

const BAR = 30;

export function reportText(report: Report, pulls: PullStates, traffic: readonly Traffic[]): string {
  const head = `${paint('bold', headWords(report))}\n`;
  if (report.runs === 0) return `${head}\nNo run ended in that time.\n`;
  const rows = factsOf(report, pulls).map(([name, ...lines]) =>
    lines.map((line, n) => `${(n === 0 ? name : '').padEnd(10)} ${line}`).join('\n'),
  );
  const failures = report.failures.map(
    ({ type, count }) => `  ${String(count).padStart(4)} ${type.padEnd(17)} ${paint('dim', hintFor(type))}`,
  );
  const most = Math.max(1, ...report.days.map(endedOn));
  const days = report.days.filter((day) => endedOn(day) > 0).map((day) => dayLine(day, most));
  const reached = trafficRows(traffic).map(([host, words]) => `  ${host.padEnd(40)} ${words}`);
  return [head, ...rows, ...block('Failures', failures), ...block('By day', days), ...block(TRAFFIC_TITLE, reached), ''].join('\n');
}

export const TRAFFIC_TITLE = 'Reached from the sandbox, by task and host, in all their runs';
const MOST_TRAFFIC = 20;

/** Task and host, and what went there; the most first. */
export function trafficRows(traffic: readonly Traffic[]): readonly (readonly [string, string])[] {
  const shown = traffic
    .slice(0, MOST_TRAFFIC)
    .map(({ task, host, requests, sent, received }): readonly [string, string] => [
      cleanLine(`${task} ${host}`),
      `${counted(requests, 'request')}, ${size(sent)} sent, ${size(received)} received`,
    ]);
  const rest = traffic.length - shown.length;
  return rest === 0 ? shown : [...shown, [`${grouped(rest)} more`, 'in `--json`']];
}

const block = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : ['', paint('bold', title), ...lines];

export const headWords = ({ since, until, runs, tasks }: Report): string =>
  `${dayAndClock(since).slice(0, 10)} to ${dayAndClock(until).slice(0, 10)}: ${counted(runs, 'run')} ended, ${counted(tasks.of, 'task')} came to an end`;

/** Name and lines of each fact, for the terminal and the page alike. */
export function factsOf(report: Report, { counts, why }: PullStates): readonly (readonly [string, ...string[]])[] {
  const { tally, success, tasks, durations, spend } = report;
  const aside = [
    tally.asked > 0 ? `${tally.asked} asked a person` : '',
    tally.person > 0 ? `${tally.person} stopped, killed or cancelled` : '',
    tally.outside > 0 ? `${tally.outside} ended by the provider, one of its limits or the machine` : '',
  ].filter((words) => words !== '');
  const left = aside.length === 0 ? [] : [`not counted: ${aside.join(', ')}`];
  const times = ({ of, median, p90, longest }: Report['durations']['all']): string =>
    median === null || p90 === null || longest === null
      ? 'none'
      : `median ${duration(median)}, 90 % within ${duration(p90)}, longest ${duration(longest)} (${of})`;
  const each = (count: number): string => {
    const usd = perOne(spend.usd, count);
    return usd === null ? '–' : moneyWords({ ...spend, usd });
  };
  const state = counts.unknown > 0 ? `${counts.unknown} unknown: ${why}` : `${counts.open} open, ${counts.closed} closed without merge`;
  return [
    ['Success', `${shareWords(success)} of the runs that were done or failed by themselves`, `${shareWords(tasks)} of the tasks`, ...left],
    ['Duration', `done: ${times(durations.done)}`, `all:  ${times(durations.all)}`],
    ['Pulls', `${report.pulls.size}: ${counts.merged} merged, ${state}`],
    [
      'Cost',
      spendWords(spend),
      `${each(report.pulls.size)} per pull, ${counts.unknown > 0 ? '–' : each(counts.merged)} per merged pull; failed runs included`,
    ],
  ];
}

/** `78 % (7 of 9; 45 to 94 % with 95 % confidence)`. */
function shareWords({ hits, of, share, low, high }: Share): string {
  if (share === null || low === null || high === null) return '– (0 of 0)';
  const percent = (part: number): string => String(Math.round(part * 100));
  return `${percent(share)} % (${grouped(hits)} of ${grouped(of)}; ${percent(low)} to ${percent(high)} % with 95 % confidence)`;
}

export const endedOn = ({ done, failed, asked, person, outside }: Day): number => done + failed + asked + person + outside;

function dayLine(day: Day, most: number): string {
  const long = (count: number): number => (count === 0 ? 0 : Math.max(1, Math.round((count / most) * BAR)));
  const rest = endedOn(day) - day.done - day.failed;
  const bar = [
    paint('green', '█'.repeat(long(day.done))),
    paint('red', '▓'.repeat(long(day.failed))),
    paint('dim', '░'.repeat(long(rest))),
  ].join('');
  const space = ' '.repeat(Math.max(0, BAR - long(day.done) - long(day.failed) - long(rest)));
  const words = [
    `${day.done} done`,
    day.failed > 0 ? `${day.failed} failed` : '',
    rest > 0 ? `${rest} other` : '',
    isFree(day) ? '' : moneyWords(day),
  ];
  return `  ${day.day} ${bar}${space} ${words.filter((part) => part !== '').join(', ')}`;
}
