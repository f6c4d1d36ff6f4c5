import { hintFor } from '../core/advice/hints.ts';
import { silenceOfMachine } from '../core/limits/machines-seen.ts';
import type { Rule } from '../core/model/alert.ts';
import { endOf, goesOn, parkedNow } from '../core/model/fleet.ts';
import type { Ms } from '../core/model/seen.ts';
import { age, asWritten } from '../core/words/span.ts';
import type { Refusal } from './refused/refusals.ts';
import { lateOf, type StatusReport, silenceOf } from './status.ts';

/** What a person should know of the fleet before anything else, in the same words wherever it is shown. Parts of it may come from outside. */
export interface Warning {
  readonly what:
    | 'hindered'
    | 'silent'
    | 'trouble'
    | 'damage'
    | 'slow'
    | 'old'
    | 'held'
    | 'paused'
    | 'parked'
    | 'github'
    | 'alert'
    | 'line'
    | 'memory'
    | 'machine'
    | 'refused'
    | 'note';
  /** Null: nobody noted it. */
  readonly since: Ms | null;
  readonly text: string;
  /** What to do about it, where that does not stand in the text. */
  readonly hint: string | null;
  /** `bad`: tac8 does not work as it should; `warn`: something is held up; `note`: good to know. */
  readonly level: 'bad' | 'warn' | 'note';
}

/** All of them, the worst first. */
export function warningsOf(report: StatusReport): readonly Warning[] {
  const { fleet, seen, at, daemon, trouble, damage, slow, alerts } = report;
  const out: Warning[] = [];
  const add = (level: Warning['level'], what: Warning['what'], since: Ms | null, text: string, hint: string | null = null): void => {
    out.push({ what, since, text, hint, level });
  };
  const ago = (since: Ms): string => age(at - since);
  const silence = silenceOf(report);
  const late = lateOf(report);
  if (report.hindrance !== null)
    add(
      'bad',
      'hindered',
      null,
      `nothing can be written down now: ${report.hindrance}; nothing starts, and what follows may be old`,
      STILL_ENDS,
    );
  else if (silence !== null)
    add('bad', 'silent', at - silence, `the daemon has written nothing down for ${age(silence)}: what follows is as it was then`);
  if (trouble !== null)
    add('bad', 'trouble', trouble.at, `the daemon’s loop has been failing for ${ago(trouble.at)}: ${trouble.message} (logs/tac8.log)`);
  if (damage !== null)
    add('bad', 'damage', damage.at, `${damage.message}, ${ago(damage.at)} ago: kept as ${damage.kept}; tac8 began a new one`);
  if (slow !== null) add('note', 'slow', slow.at, `${ago(slow.at)} ago ${slow.message}`);
  if (daemon === null && seen !== null) add('note', 'old', seen.at, `what follows was written ${ago(seen.at)} ago and may be old`);
  if (seen?.held) add('warn', 'held', null, `tasks.md: ${seen.held.message} — ${seen.held.hint}`);
  if (fleet.pausedAt !== null) add('warn', 'paused', fleet.pausedAt, `paused for ${ago(fleet.pausedAt)}: \`tac8 resume\` goes on`);
  for (const parking of parkedNow(fleet, at)) {
    const { type, message, since, until, login } = parking;
    const end = until === null ? goesOn(parking) : `goes on in ${age((endOf(parking) ?? until) - at)}`;
    add('warn', 'parked', since, `parked${login === undefined ? '' : ` the login ${login}`}: ${type}: ${message} — ${end}`, hintFor(type));
  }
  const held = daemon !== null && seen?.limit?.held != null && seen.limit.held.until > at ? seen.limit.held : null;
  if (held !== null) add('warn', 'github', null, `GitHub takes no requests for ${age(held.until - at)}: ${held.because}`, HELD);
  if (seen?.issues?.known === false && seen.issues.since > 0)
    add('warn', 'github', seen.issues.since, `GitHub unknown for ${ago(seen.issues.since)}: ${seen.issues.because}`);
  if (late !== null && silence === null && report.hindrance === null)
    add('warn', 'github', at - late, `GitHub was last asked ${age(late)} ago, and is to be asked every ${asWritten(seen?.interval ?? 0)}`);
  const { machines } = report;
  if (daemon !== null && machines?.unheard != null)
    add('warn', 'machine', null, `nothing is heard of the other machines: ${machines.unheard}`, RUNS_GO_ON);
  else
    for (const one of machines?.machines ?? []) {
      const silent = silenceOfMachine(one, at);
      if (daemon === null || silent === null || one.runs.length === 0) continue;
      const text = `the machine ${one.name} has been silent for ${age(silent)}: its runs (${one.runs.length}) are unknown, neither lost nor begun elsewhere`;
      add('warn', 'machine', one.heardAt, text, one.forgotten ? null : `\`tac8 machines forget ${one.name}\`, if it is gone for good.`);
    }
  for (const { rule, task, text, since } of alerts)
    if (task === null && !SHOWN_ELSEWHERE.has(rule)) add('warn', 'alert', since, `${text} (for ${ago(since)})`);
  for (const { line, message, hint } of seen?.problems ?? []) add('warn', 'line', null, `tasks.md:${line}: ${message} — ${hint}`);
  for (const refusal of report.refused.slice(0, REFUSALS_SHOWN))
    add('warn', 'refused', refusal.at, `${refusalWords(refusal)} (${ago(refusal.at)} ago)`, allowHint(refusal));
  if (seen?.workers?.memory != null) add('note', 'memory', null, `a worker’s memory is not limited: ${seen.workers.memory}`);
  for (const { task, text } of seen?.notes ?? []) if (task === null && !SAID_ABOVE.test(text)) add('note', 'note', null, text);
  return out;
}

const HELD = 'Work goes on by itself then; workers that run are not touched.';
const STILL_ENDS = '`tac8 stop`, `tac8 kill` and a STOP file end workers all the same.';
const RUNS_GO_ON = 'What runs there goes on, and its machine ends what its limits say.';
const REFUSALS_SHOWN = 5;

/** What a worker wanted, and why it was not given. */
export const refusalWords = ({ task, host, why }: Refusal): string => `${task} wanted ${host}: ${why}`;

/** Null: no word of a person's lets that through. */
export const allowHint = ({ task, host, why }: Refusal): string | null =>
  why !== 'not on the list' ? null : `\`tac8 allow ${task} ${host}\` lets it through from now on`;

/** Alerts on what has a line of its own. */
const SHOWN_ELSEWHERE: ReadonlySet<Rule> = new Set(['needs_person', 'github_down', 'budget']);

/** Notes on what has a line of its own, with its age. */
const SAID_ABOVE = /^(?:GitHub|parked|the fleet is paused):/;
