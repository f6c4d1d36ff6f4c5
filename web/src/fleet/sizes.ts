import { signal } from '@preact/signals';
import { ask } from '../link/ask.ts';
import type { Diff, TaskRow } from '../link/contract.ts';
import { fleet, lost } from '../link/fleet.ts';

/** How much a task has changed, and when it was asked for. */
export interface Size {
  readonly files: number;
  readonly added: number;
  readonly removed: number;
  /** Its state when it was asked for: what it has changed since may be more. */
  readonly of: string;
  /** By the browser's clock. */
  readonly at: number;
}

/** By task, as far as it was asked for. */
export const sizes = signal<ReadonlyMap<string, Size>>(new Map());

/** Each costs the daemon a git: one at a time, of the same task not again and again, and those that are known less often. */
const ASK_EVERY = 500;
const KNOWN_EVERY = 2_000;
const ANEW_AFTER = 30_000;

/** What has changed of a task where it may have changed its files. */
export const stateOf = ({ state, run }: TaskRow): string => `${state} ${run?.id} ${run?.state} ${run?.turns}`;

/** The task to ask for next: one of which nothing is known, else the one whose answer is oldest. Null: all is known. */
export function nextTask(tasks: readonly TaskRow[], known: ReadonlyMap<string, Size>, now: number): TaskRow | null {
  const [next = null] = tasks
    .filter((task) => {
      const size = known.get(task.id);
      return task.run !== null && (size === undefined || (size.of !== stateOf(task) && now - size.at >= ANEW_AFTER));
    })
    .sort((a, b) => (known.get(a.id)?.at ?? 0) - (known.get(b.id)?.at ?? 0));
  return next;
}

/** Asks for as long as somebody looks; answers how to end it. */
export function watchSizes(): () => void {
  let isAsking = false;
  let askedAt = 0;
  const look = async (): Promise<void> => {
    const cannot = isAsking || lost.peek() !== null || document.visibilityState !== 'visible';
    const task = cannot ? null : nextTask(fleet.peek()?.tasks ?? [], sizes.peek(), Date.now());
    if (task === null || (sizes.peek().has(task.id) && Date.now() - askedAt < KNOWN_EVERY)) return;
    [isAsking, askedAt] = [true, Date.now()];
    const answer = await ask<Diff>(`tasks/${encodeURIComponent(task.id)}/diff?patch=no`);
    isAsking = false;
    // Who did not answer, or had too much to do, said nothing of its size.
    if (!answer.ok && (answer.status === null || answer.status === 429 || answer.status === 503)) return;
    // None: there is no work of it, or git does not tell.
    const files = answer.ok ? answer.value.files : [];
    const sum = (of: (file: Diff['files'][number]) => number | null): number => files.reduce((all, file) => all + (of(file) ?? 0), 0);
    const size = { files: files.length, added: sum(({ added }) => added), removed: sum(({ removed }) => removed) };
    sizes.value = new Map(sizes.peek()).set(task.id, { ...size, of: stateOf(task), at: Date.now() });
  };
  void look();
  const timer = setInterval(() => void look(), ASK_EVERY);
  return () => clearInterval(timer);
}
