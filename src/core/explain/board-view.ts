import type { BoardLine, BoardView, Section } from '../board/text/view.ts';
import { hintOf } from '../model/failure.ts';
import { machineOf } from '../model/fleet.ts';
import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { isDone, type RunId, type Task, type TaskIn } from '../model/task.ts';
import { byTurn } from '../start/schedule.ts';
import { REMOVED } from '../steer/verbs.ts';

export interface BoardSource {
  /** Open ones, and the ended ones that the board shows. */
  readonly tasks: readonly Task[];
  readonly runs: ReadonlyMap<RunId, Run>;
  readonly slots: number;
  /** Where worktrees are, from the repository's root. */
  readonly trees: string;
  readonly local: (time: Ms) => string;
}

type Details = BoardLine['details'];

/** What `tasks.md` shows, from the state alone. */
export function composeBoard(source: BoardSource, now: Ms): BoardView {
  const shown = source.tasks.filter((task) => !(task.state === 'failed' && task.failure.message === REMOVED));
  const of = <S extends Task['state']>(state: S): TaskIn<S>[] => shown.filter((task): task is TaskIn<S> => task.state === state);
  const newestFirst = <T extends { readonly at: Ms }>(tasks: T[]): T[] => tasks.sort((a, b) => b.at - a.at);
  const all = [
    ...of('pending')
      .sort(byTurn)
      .map((task) => kept(task, source, () => line(task, 'pending', {}, pendingDetails(task, source)))),
    ...of('active')
      .sort((a, b) => a.startedAt - b.startedAt)
      .map((task) => activeLine(task, source)),
    ...newestFirst(shown.filter(isDone)).map((task) =>
      kept(task, source, () =>
        line(task, 'completed', { run: task.run, commit: task.commit?.slice(0, 7) ?? null }, completedDetails(task, source)),
      ),
    ),
    ...newestFirst(of('failed')).map((task) => kept(task, source, () => line(task, 'failed', { run: task.run }, failedDetails(task)))),
    ...newestFirst(of('blocked')).map((task) => line(task, 'blocked', { run: task.run }, [{ key: 'Question', value: task.question }])),
  ];
  return { updatedAt: source.local(now), maxActive: source.slots, lines: all };
}

/** Lines of tasks that wait or have ended: all that is in them follows from the task alone. */
const lines = new WeakMap<Task, { readonly line: BoardLine; readonly local: BoardSource['local'] }>();

function kept(task: Task, { local }: BoardSource, make: () => BoardLine): BoardLine {
  const known = lines.get(task);
  if (known?.local === local) return known.line;
  const made = make();
  lines.set(task, { line: made, local });
  return made;
}

function line(task: Task, section: Section, more: Partial<Pick<BoardLine, 'run' | 'tree' | 'commit'>>, details: Details): BoardLine {
  const { id, title, priority } = task;
  return { id, section, title, priority, run: more.run ?? null, tree: more.tree ?? null, commit: more.commit ?? null, details };
}

/** A task that waits for its next attempt says what the last one met; one that waits for other issues, for which. */
function pendingDetails({ last, retryAt, waits }: TaskIn<'pending'>, source: BoardSource): Details {
  const again = retryAt === null ? '' : `; again at ${source.local(retryAt)}`;
  const parts = [...(last === null ? [] : [`${last.type}: ${last.message}${again}`]), ...(waits === undefined ? [] : [waits.on])];
  return parts.length === 0 ? [] : [{ key: 'Note', value: parts.join('; ') }];
}

function activeLine(task: TaskIn<'active'>, source: BoardSource): BoardLine {
  const run = source.runs.get(task.run);
  const details = [{ key: 'Started', value: source.local(task.startedAt) }];
  const machine = run === undefined ? null : machineOf(run);
  if (machine !== null) details.push({ key: 'Machine', value: machine });
  if (run?.state === 'running' || run?.state === 'stopping') details.push({ key: 'PID', value: String(run.process.pid) });
  const pull = run?.settlement.pull ?? task.pull;
  if (pull !== null) details.push({ key: 'PR', value: `#${pull.number} ${pull.url}` });
  return line(task, 'active', { run: task.run, tree: `${source.trees}/${task.id}` }, details);
}

/** A pull in review stands where it always stood: its work is done. */
function completedDetails(task: TaskIn<'completed' | 'review'>, source: BoardSource): Details {
  const details = [{ key: 'Completed', value: source.local(task.at) }];
  if (task.pull !== null) details.push({ key: 'PR', value: `#${task.pull.number} ${task.pull.url}` });
  else details.push({ key: 'Branch', value: task.branch });
  return details;
}

const PERSONS: ReadonlySet<string> = new Set(['stopped', 'killed', 'cancelled']);

/** A person's own words stand alone; anything else is named by its type, with what can be done about it. */
function failedDetails(task: TaskIn<'failed'>): Details {
  const { type, message } = task.failure;
  if (PERSONS.has(type) && message !== '') return [{ key: 'Reason', value: message }];
  return [
    { key: 'Reason', value: `${type}: ${message}` },
    { key: 'Next', value: hintOf(task.failure) },
  ];
}
