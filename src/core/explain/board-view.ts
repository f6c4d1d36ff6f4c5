import { hintOf } from '../advice/hints.ts';
import type { BoardLine, BoardView, Section } from '../board/text/view.ts';
import { machineOf } from '../model/fleet.ts';
import type { Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { isDone, type RunId, raceWords, type Task, type TaskIn } from '../model/task.ts';
import { byTurn, placeInTurn } from '../start/schedule.ts';
import { REMOVED } from '../steer/verbs.ts';
import { between, tasksIn } from '../tick/tasks.ts';

export interface BoardSource {
  readonly open: readonly Task[];
  /** Those that the board shows. */
  readonly ended: readonly Task[];
  readonly runs: ReadonlyMap<RunId, Run>;
  readonly slots: number;
  /** Where worktrees are, from the repository's root. */
  readonly trees: string;
  readonly local: (time: Ms) => string;
}

type Details = BoardLine['details'];

/** What `tasks.md` shows, from the state alone. */
export function composeBoard(source: BoardSource, now: Ms): BoardView {
  const newestFirst = <T extends { readonly at: Ms }>(tasks: readonly T[]): readonly T[] => tasks.toSorted((a, b) => b.at - a.at);
  const failed = source.ended.filter((task) => task.state === 'failed');
  const all = [
    ...waitingLines(source),
    ...tasksIn(source.open, 'active')
      .toSorted((a, b) => a.startedAt - b.startedAt)
      .map((task) => activeLine(task, source)),
    ...newestFirst(source.ended.filter(isDone)).map((task) =>
      kept(task, source, () =>
        line(task, 'completed', { run: task.run, commit: task.commit?.slice(0, 7) ?? null }, completedDetails(task, source)),
      ),
    ),
    ...newestFirst(failed.filter(({ failure }) => failure.message !== REMOVED)).map((task) =>
      kept(task, source, () => line(task, 'failed', { run: task.run }, failedDetails(task))),
    ),
    ...newestFirst(tasksIn(source.open, 'blocked')).map((task) =>
      line(task, 'blocked', { run: task.run }, [{ key: 'Question', value: task.question }]),
    ),
  ];
  return { updatedAt: source.local(now), maxActive: source.slots, lines: all };
}

interface Waiting {
  readonly local: BoardSource['local'];
  /** As the store lists them. */
  readonly tasks: readonly TaskIn<'pending'>[];
  /** In their turn, and the line of each. */
  readonly turn: readonly TaskIn<'pending'>[];
  readonly lines: readonly BoardLine[];
}

/** The newest: of a long queue an event changes a task or two. */
let waiting: Waiting | null = null;
/** Where more differs, all are sorted again. */
const MOST = 64;

function waitingLines(source: BoardSource): readonly BoardLine[] {
  const tasks = tasksIn(source.open, 'pending');
  const { local } = source;
  if (waiting?.tasks === tasks && waiting.local === local) return waiting.lines;
  const lineOf = (task: TaskIn<'pending'>) => kept(task, source, () => line(task, 'pending', {}, pendingDetails(task, source)));
  waiting = (waiting?.local === local ? waitingAfter(waiting, tasks, lineOf) : null) ?? waitingOf(tasks, local, lineOf);
  return waiting.lines;
}

function waitingOf(tasks: Waiting['tasks'], local: Waiting['local'], lineOf: (task: TaskIn<'pending'>) => BoardLine): Waiting {
  const turn = tasks.toSorted(byTurn);
  return { local, tasks, turn, lines: turn.map(lineOf) };
}

/** Null: too much differs. */
function waitingAfter(before: Waiting, tasks: Waiting['tasks'], lineOf: (task: TaskIn<'pending'>) => BoardLine): Waiting | null {
  const { from, to, newTo } = between(before.tasks, tasks);
  if (to - from + newTo - from > MOST) return null;
  const [turn, lines] = [[...before.turn], [...before.lines]];
  for (const task of before.tasks.slice(from, to)) {
    const at = turn.indexOf(task);
    turn.splice(at, 1);
    lines.splice(at, 1);
  }
  for (const [n, task] of tasks.slice(from, newTo).entries()) {
    const at = placeInTurn(turn, tasks, from + n);
    turn.splice(at, 0, task);
    lines.splice(at, 0, lineOf(task));
  }
  return { local: before.local, tasks, turn, lines };
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
function pendingDetails({ last, retryAt, waits, race }: TaskIn<'pending'>, source: BoardSource): Details {
  const again = retryAt === null ? '' : `; again at ${source.local(retryAt)}`;
  const parts = [
    ...(last === null ? [] : [`${last.type}: ${last.message}${again}`]),
    ...(waits === undefined ? [] : [waits.on]),
    ...(race === undefined ? [] : [raceWords(race)]),
  ];
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
  if (task.race?.winner !== undefined) details.push({ key: 'Note', value: raceWords(task.race) });
  return details;
}

const PERSONS: ReadonlySet<string> = new Set(['stopped', 'killed', 'cancelled']);

/** A person's own words stand alone; anything else is named by its type, with what can be done about it. */
function failedDetails(task: TaskIn<'failed'>): Details {
  const { type, message } = task.failure;
  if (PERSONS.has(type) && message !== '') return [{ key: 'Reason', value: message }];
  return [
    { key: 'Reason', value: `${type}: ${message}` },
    { key: 'Next', value: hintOf(task.failure, { task: task.id, failed: true }) },
  ];
}
