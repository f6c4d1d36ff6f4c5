import type { TaskRow } from '../../api/row.ts';
import type { State } from '../../api/state.ts';

const ESCAPED: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (sign) => ESCAPED[sign] ?? sign);

const GROUPS: Readonly<Record<NonNullable<TaskRow['group']>, string>> = {
  needs_you: 'needs you',
  failed: 'failed',
  running: 'running',
  waiting: 'waiting',
  review: 'in review',
  done: 'done',
};

/** `2026-11-30 15:32:31 UTC` */
const clock = (iso: string): string => escaped(iso.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d).*$/, '$1 $2 UTC'));

/** The fleet as a table, for a browser without a script. Titles and texts are strangers': each is escaped. */
export function plainFleet({ at, seen_at, slots, tasks }: State): string {
  const rows = tasks.flatMap((task) =>
    task.group === null
      ? []
      : `<tr><td>${GROUPS[task.group]}</td><th scope="row">${escaped(task.id)}</th><td>${escaped(task.title)}</td><td>${escaped(saidOf(task))}</td></tr>`,
  );
  return [
    `<h1>The fleet at ${clock(at)}</h1>`,
    `<p>Slots: ${slots.used} of ${slots.of ?? 'unknown'}. The daemon last looked ${seen_at === null ? 'never' : `at ${clock(seen_at)}`}.`,
    ' The page needs JavaScript for the rest; load it again for what is so now.</p>',
    '<table><thead><tr><th scope="col">State</th><th scope="col">Task</th><th scope="col">Title</th><th scope="col">What</th></tr></thead>',
    `<tbody>${rows.join('')}</tbody></table>`,
  ].join('');
}

function saidOf({ question, reason, needs_you, waits_for, run, pull }: TaskRow): string {
  const own = question ?? reason?.message ?? needs_you ?? waits_for ?? run?.problem?.message;
  return own ?? (pull === null ? run?.activity : `pull #${pull.number}`) ?? '';
}
