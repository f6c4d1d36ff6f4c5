import { hintFor, hintOf } from '../advice/hints.ts';
import { RECENT } from '../limits/totals.ts';
import type { Condition, Judgement } from '../model/alert.ts';
import type { FailureType } from '../model/failure.ts';
import { parkedNow } from '../model/fleet.ts';
import type { RunIn } from '../model/run.ts';
import type { Task } from '../model/task.ts';
import type { Sight } from './sight.ts';

/** Ends that a person brought about knows of already. */
const OWN: ReadonlySet<FailureType> = new Set(['stopped', 'killed', 'cancelled']);
/** What makes the whole fleet wait is told as that. */
const ELSEWHERE: ReadonlySet<FailureType> = new Set([...OWN, 'usage_limit', 'provider_error', 'interrupted']);

/** An edit that is being saved in pieces is held for a moment, too. */
const HELD_FOR = 60_000;

const isActive = ({ book }: Sight, key: string): boolean => book.some((alert) => alert.key === key);

export function needsPerson(sight: Sight): readonly Condition[] {
  const { tasks, fleet, isEditHeld, stuck: inReview, now } = sight;
  const base = { rule: 'needs_person', task: null, after: 0 } as const;
  const asked = tasks.flatMap((task): Condition[] =>
    task.state === 'blocked'
      ? [
          {
            ...base,
            key: `needs_person:${task.id}`,
            task: task.id,
            text: `${nameOf(task)} asks: ${oneLine(task.question)}`,
            hint: `Answer with \`tac8 retry ${task.id} --continue --message "…"\`.`,
          },
        ]
      : [],
  );
  const reviewed = inReview.map(
    ({ task, text }): Condition => ({
      ...base,
      key: `needs_person:${task}`,
      task,
      text: `${task}: ${oneLine(text)}`,
      hint: `\`tac8 why ${task}\` says what it waits for.`,
      // An agent may be about to be asked.
      after: HELD_FOR,
    }),
  );
  const parking: Condition[] = parkedNow(fleet, now)
    .filter(({ until }) => until === null)
    .map(({ type, message, login }) => ({
      ...base,
      key: `needs_person:parked${login === undefined ? '' : `:${login}`}`,
      text: `nothing starts${login === undefined ? '' : ` with the login ${login}`}: ${type}: ${oneLine(message)}`,
      hint: hintFor(type),
    }));
  const held: Condition[] = isEditHeld
    ? [
        {
          ...base,
          key: 'needs_person:board',
          text: 'an edit of tasks.md looks like an accident and is held',
          hint: '`tac8 board accept` takes it, `tac8 board restore` puts the board back.',
          after: HELD_FOR,
        },
      ]
    : [];
  return [...asked, ...reviewed, ...parking, ...held];
}

/** Told when it comes to that; over when the task goes on. One that had failed before anybody looked is no news. */
export function failedForGood(sight: Sight): readonly Condition[] {
  return sight.tasks.flatMap((task): Condition[] => {
    if (task.state !== 'failed' || OWN.has(task.failure.type)) return [];
    const key = `failed:${task.id}`;
    const before = sight.before.get(task.id);
    const isNew = before !== undefined && before.state !== 'failed';
    if (!isNew && !isActive(sight, key)) return [];
    const { type, message } = task.failure;
    const text = `${nameOf(task)} failed for good: ${type}: ${oneLine(message)}`;
    return [{ key, rule: 'failed', task: task.id, text, hint: hintOf(task.failure, { task: task.id, failed: true }), after: 0 }];
  });
}

/** An attempt ended as the one before did: the next will hardly do better. Over when one ends otherwise. */
export function sameFailure(sight: Sight): readonly Condition[] {
  return sight.tasks.flatMap((task): Condition[] => {
    const last = lastOf(task);
    if (last === null || ELSEWHERE.has(last.type)) return [];
    const key = `same_failure:${task.id}:${last.type}`;
    const before = sight.before.get(task.id);
    const isNew = before?.state === 'active' && task.state !== 'active' && before.last?.type === last.type;
    if (!isNew && !isActive(sight, key)) return [];
    const text = `${nameOf(task)} was ended twice by ${last.type}: ${oneLine(last.message)}`;
    return [
      { key, rule: 'same_failure', task: task.id, text, hint: hintOf(last, { task: task.id, failed: task.state === 'failed' }), after: 0 },
    ];
  });
}

function lastOf(task: Task) {
  switch (task.state) {
    case 'pending':
    case 'active':
      return task.last;
    case 'failed':
      return task.failure;
    case 'completed':
    case 'review':
    case 'blocked':
      return null;
  }
}

/** Over when clearly fewer fail, so that one run more or less does not tell anew. */
const FEWER = 2;

export function manyFailures(sight: Sight): readonly Condition[] {
  const failures = sight.recent.filter((outcome) => outcome !== 'done' && outcome !== 'blocked');
  const bound = RECENT / 2 - (isActive(sight, 'many_failures') ? FEWER : 0);
  if (failures.length <= bound) return [];
  const [most = '', times = 0] =
    [...Map.groupBy(failures, (type) => type)].map(([type, all]) => [type, all.length] as const).toSorted((a, b) => b[1] - a[1])[0] ?? [];
  const text = `${failures.length} of the last ${sight.recent.length} runs failed, ${times} of them by ${most}`;
  return [
    {
      key: 'many_failures',
      rule: 'many_failures',
      task: null,
      text,
      hint: '`tac8 status` shows them; `tac8 pause` stops new starts.',
      after: 0,
    },
  ];
}

/** All live workers have said nothing for a while. While a log cannot be read nobody can tell. */
export function stuck({ runs, unread, policy, now }: Sight): Judgement {
  const live = runs.flatMap((run) => (run.state === 'running' || run.state === 'stopping' ? [run] : []));
  if (live.length === 0) return { present: [] };
  if (live.some(({ id }) => unread.has(id))) return { present: [], unsure: true };
  const due = Math.max(...live.map((run) => Math.max(run.stream.lastEventAt ?? 0, run.startedAt))) + policy.stuck;
  if (now < due) return { present: [], wakeAt: due };
  const text = live.length === 1 ? `the only worker, that of ${live[0]?.task}, says nothing` : `all ${live.length} workers say nothing`;
  return { present: [{ key: 'stuck', rule: 'stuck', task: null, text, hint: '`tac8 status` shows what each did last.', after: 0 }] };
}

/** After SIGKILL to the whole tree something of it still lived. */
export function killUnconfirmed({ runs, stop }: Sight): readonly Condition[] {
  const killed = runs.filter((run): run is RunIn<'stopping'> => run.state === 'stopping' && run.rung === 'kill');
  return killed.map((run) => ({
    key: `kill_unconfirmed:${run.id}`,
    rule: 'kill_unconfirmed' as const,
    task: run.task,
    text: `kill unconfirmed: ${run.id} of ${run.task} (pid ${run.process.pid}) still has processes`,
    hint: 'tac8 goes on trying; look at them with `ps`. A process that hangs in the kernel ends when its disk or network answers.',
    after: stop.kill,
  }));
}

export function orphans({ strays }: Sight): readonly Condition[] {
  if (!strays.known) return [];
  return strays.value.map(({ run, task, process }) => ({
    key: `orphan:${run}`,
    rule: 'orphan' as const,
    task,
    text: `${run} of ${task ?? 'an unknown task'} lives (pid ${process.pid}), and tac8 did not know of it`,
    hint: '`tac8 status` says what became of it.',
    after: 0,
  }));
}

const oneLine = (text: string): string => {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
};

const nameOf = (task: Task): string => `${task.id} (${oneLine(task.title).slice(0, 80)})`;
