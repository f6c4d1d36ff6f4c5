import type { Explanation } from '../../../core/explain/explain.ts';
import { type Stamp, statusComment, statusMarker, statusWords } from '../../../core/explain/issue-words.ts';
import type { Ms } from '../../../core/model/seen.ts';
import { isRacer, issueNumber, type Task, type TaskId } from '../../../core/model/task.ts';
import { commentNumber } from '../../../core/review/spoken-orders.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../ports/error.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Told } from '../../ports/records/facts.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';

/** One comment for each task that was begun, edited in place as long as the task goes on. */
export interface StatusWatch {
  tell(signal: AbortSignal): Promise<void>;
}

export interface StatusWatchOptions {
  readonly forge: Pick<Forge, 'comment' | 'editComment'>;
  readonly store: Pick<Store, 'openTasks' | 'tasks' | 'run' | 'runsOf' | 'fact' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly explain: (task: TaskId) => Explanation | null;
  readonly wanted: () => boolean;
  readonly orders: () => boolean;
  readonly attempts: () => number;
  readonly stamp: Stamp;
}

/** Comments that are remembered, and writes in one round: those that wait come with the next one. */
const KEPT = 500;
const AT_ONCE = 10;
/** A cost alone is told this often. */
const COST_EVERY: Ms = 10 * 60_000;
const FACT = 'told';

export function watchStatus({ forge, store, clock, log, explain, wanted, orders, attempts, stamp }: StatusWatchOptions): StatusWatch {
  const said = new Map<TaskId, { readonly text: string; readonly cost: string; readonly at: Ms }>();

  function keep(next: Told): void {
    const rest = (store.fact(FACT) ?? []).filter(({ task }) => task !== next.task);
    store.commit({ facts: { [FACT]: [...rest, next].slice(-KEPT) } });
  }

  /** Posted once, or found by its mark where the answer was lost; then edited. */
  async function write(task: Task, before: Told | undefined, body: string, signal: AbortSignal): Promise<Told | null> {
    const number = issueNumber(task.id);
    if (number === null) return null;
    const isOver = task.state === 'completed' || task.state === 'failed';
    const kept = { task: task.id, runs: task.runs, ...(isOver ? { over: true as const } : {}) };
    if (before?.comment != null) {
      const there = await forge.editComment(before.comment, body, signal);
      return { ...kept, comment: there ? before.comment : null };
    }
    const { url, posted } = await forge.comment(number, statusMarker(task.id), body, signal);
    const comment = commentNumber(url);
    if (!posted && comment !== null) await forge.editComment(comment, body, signal);
    return { ...kept, comment };
  }

  async function tellOne(task: Task, before: Told | undefined, signal: AbortSignal): Promise<boolean> {
    // A person who deletes it wants none of it: not before the next run begins.
    if (before?.comment === null && before.runs === task.runs) return false;
    if (before?.over === true && before.runs === task.runs && isEnded(task)) return false;
    const why = explain(task.id);
    if (why === null) return false;
    const run = 'run' in task && task.run !== null ? store.run(task.run) : (store.runsOf(task.id).at(-1) ?? null);
    const words = statusWords(task, run, why, { attempts: attempts(), stamp });
    const last = said.get(task.id);
    const now = clock.now();
    if (last?.text === words.text && (last.cost === words.cost || now - last.at < COST_EVERY)) return false;
    const next = await write(task, before, statusComment(task.id, words, orders()), signal);
    if (next === null) return false;
    said.set(task.id, { ...words, at: now });
    keep(next);
    return true;
  }

  async function tellAll(signal: AbortSignal): Promise<void> {
    const told = new Map((store.fact(FACT) ?? []).map((one) => [one.task, one]));
    const open = store
      .openTasks()
      .filter(({ id, runs, race }) => !isRacer(id) && (runs > 0 || race !== undefined) && issueNumber(id) !== null);
    const rest = [...told.values()].flatMap(({ task, over }) => (over === true ? [] : [task]));
    const tasks = new Map([...open, ...store.tasks(rest)].map((task) => [task.id, task]));
    for (const id of said.keys()) if (!tasks.has(id)) said.delete(id);
    let written = 0;
    for (const task of tasks.values()) {
      if (signal.aborted || written >= AT_ONCE) return;
      if (await tellOne(task, told.get(task.id), signal)) written += 1;
    }
  }

  return {
    async tell(signal) {
      if (!wanted()) return;
      try {
        await tellAll(signal);
      } catch (error) {
        if (signal.aborted) return;
        log.warn(
          `the comments that tell how tasks stand: ${messageOf(error)}${error instanceof PortError && error.hint !== '' ? ` (${error.hint})` : ''}`,
        );
      }
    },
  };
}

const isEnded = ({ state }: Task): boolean => state === 'completed' || state === 'failed';
