import { hintFor } from '../../core/advice/hints.ts';
import type { Day, Report } from '../../core/explain/report.ts';
import { moneyWords } from '../../core/limits/spend.ts';
import type { PullStates } from '../../read/pull-states.ts';
import type { Traffic } from '../../read/refused/traffic.ts';
import { escapeHtml, htmlFoot, htmlHead } from '../../transcript/show/html.ts';
import { endedOn, factsOf, headWords, TRAFFIC_TITLE, trafficRows } from './report-text.ts';

/** One page without script or network: facts, a chart by day, failures by type. */
export function reportHtml(report: Report, pulls: PullStates, traffic: readonly Traffic[]): string {
  const facts = factsOf(report, pulls).map(
    ([name, ...lines]) => `<tr><th>${escapeHtml(name)}</th><td>${lines.map(escapeHtml).join('<br>')}</td></tr>`,
  );
  const most = Math.max(1, ...report.failures.map(({ count }) => count));
  const failures = report.failures.map(
    ({ type, count }) =>
      `<tr><td>${type}</td><td class="n">${count}</td><td>${bar(count / most)}</td><td>${escapeHtml(hintFor(type))}</td></tr>`,
  );
  const reached = trafficRows(traffic).map(([host, words]) => `<tr><th>${escapeHtml(host)}</th><td>${escapeHtml(words)}</td></tr>`);
  return [
    htmlHead('How well the agents did', headWords(report)),
    `<table>${facts.join('')}</table>\n`,
    `<h2>By day</h2>\n${daysChart(report.days)}\n`,
    failures.length === 0 ? '' : `<h2>Failures</h2>\n<table>${failures.join('\n')}</table>\n`,
    reached.length === 0 ? '' : `<h2>${TRAFFIC_TITLE}</h2>\n<table>${reached.join('\n')}</table>\n`,
    htmlFoot('A run that a person, the provider or the machine ended, or that asked a person, counts neither as done nor as failed.'),
  ].join('');
}

const bar = (share: number): string =>
  `<svg width="120" height="10" aria-hidden="true"><rect class="failed" width="${Math.max(2, Math.round(share * 120))}" height="10"/></svg>`;

const WIDTH = 900;
const HEIGHT = 160;
const BOTTOM = 20;
const LEFT = 30;

/** Done and failed above one another; each bar tells its numbers when it is pointed at. */
function daysChart(days: readonly Day[]): string {
  const most = Math.max(1, ...days.map(endedOn));
  const step = (WIDTH - LEFT) / Math.max(1, days.length);
  const height = (count: number): number => (count / most) * (HEIGHT - BOTTOM - 10);
  const bars = days.map((day, n) => {
    const x = (LEFT + n * step + step * 0.1).toFixed(1);
    const [done, failed] = [height(day.done), height(day.failed)];
    const rest = endedOn(day) - day.done - day.failed;
    const piece = (kind: string, base: number, size: number): string =>
      size === 0
        ? ''
        : `<rect class="${kind}" x="${x}" y="${(HEIGHT - BOTTOM - base - size).toFixed(1)}" width="${(step * 0.8).toFixed(1)}" height="${size.toFixed(1)}"/>`;
    const words = `${day.day}: ${day.done} done, ${day.failed} failed, ${rest} other, ${moneyWords(day)}`;
    const pieces = piece('done', 0, done) + piece('failed', done, failed) + piece('other', done + failed, height(rest));
    return pieces === '' ? '' : `<g><title>${escapeHtml(words)}</title>${pieces}</g>`;
  });
  const every = Math.ceil(days.length / 10);
  const labels = days.map(({ day }, n) =>
    n % every === 0 ? `<text x="${(LEFT + n * step).toFixed(1)}" y="${HEIGHT - 5}">${escapeHtml(day.slice(5))}</text>` : '',
  );
  const axis = `<line class="axis" x1="${LEFT}" x2="${WIDTH}" y1="${HEIGHT - BOTTOM}" y2="${HEIGHT - BOTTOM}"/><text x="0" y="15">${most}</text>`;
  const label = `${days.length} days, at most ${most} ended runs on one of them`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${label}">${axis}${bars.join('')}${labels.join('')}</svg>`;
}
