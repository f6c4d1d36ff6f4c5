import type { Commit, HistoryEntry, Request } from '../../core/model/records.ts';
import type { Run } from '../../core/model/run.ts';
import type { RunId } from '../../core/model/task.ts';
import type { Action, Plan } from '../../core/tick/plan.ts';
import type { World } from '../../core/tick/world.ts';
import type { Clock } from '../ports/machine/clock.ts';
import { ConflictError, type Store } from '../ports/records/store.ts';

/** What a person is told, who asked where nothing can be written down. */
export interface Reply {
  readonly ok: boolean;
  readonly message: string;
}

export type Spoken = Pick<Request, 'verb' | 'task' | 'args'>;

/**
 * Ends need no byte of disk: while the store takes nothing, what ends a worker is kept here, seen as if it were stored, done, and stored with
 * the first commit that succeeds. All else waits for that commit.
 */
export interface Unwritten {
  /** The store as all of the engine sees it. */
  readonly store: Store;
  isHolding(): boolean;
  /** A plan that could not be written: keeps what of it ends workers, and answers the actions that do. */
  keep(plan: Plan, world: World, because: string): readonly Action[];
  /** The words of a person who could not write them down; answered when it is done. */
  ask(spoken: Spoken & { readonly by: string }): Promise<Reply>;
  /** Whoever still waits is told that the daemon leaves. */
  close(): void;
}

interface Held {
  readonly next: Run;
  /** The version in the store. */
  readonly stored: number;
}

interface Waiting {
  readonly request: Request;
  reply: ((reply: Reply) => void) | null;
}

/** Harmless to repeat, and nothing but an end. */
const ENDS: ReadonlySet<Action['kind']> = new Set(['rung', 'sweep', 'abort']);

export function keepUnwritten(store: Store, clock: Clock): Unwritten {
  const held = new Map<RunId, Held>();
  let history: readonly HistoryEntry[] = [];
  let waiting: readonly Waiting[] = [];
  let changes = 0;
  let lastId = 0;

  const shown = (run: Run): Run => held.get(run.id)?.next ?? run;
  const shownAll = (runs: readonly Run[]): readonly Run[] => (held.size === 0 ? runs : runs.map(shown));
  const forget = (): void => {
    if (held.size > 0) changes += 1;
    held.clear();
    history = [];
  };

  /** With what is held: a commit that names a held run goes on from it. */
  function withHeld(commit: Commit): Commit {
    const named = new Set((commit.runs ?? []).map(({ next }) => next.id));
    const runs = (commit.runs ?? []).map(({ next, expected }) => ({ next, expected: held.get(next.id)?.stored ?? expected }));
    const rest = [...held.values()].filter(({ next }) => !named.has(next.id)).map(({ next, stored }) => ({ next, expected: stored }));
    return { ...commit, runs: [...runs, ...rest], history: [...history, ...(commit.history ?? [])] };
  }

  function commit(given: Commit): void {
    const answers = (given.answers ?? []).filter(({ id }) => id > 0);
    const whole = answers.length === (given.answers?.length ?? 0) ? given : { ...given, answers };
    try {
      store.commit(held.size === 0 ? whole : withHeld(whole));
    } catch (error) {
      // Somebody else wrote: what is held was decided on what is not so any more, and is decided anew.
      if (error instanceof ConflictError) forget();
      throw error;
    }
    forget();
    for (const answer of given.answers ?? []) if (answer.id < 0) done(answer.id, answer);
  }

  function done(id: number, { ok, message }: Reply): void {
    const one = waiting.find(({ request }) => request.id === id);
    if (one === undefined) return;
    changes += 1;
    waiting = waiting.filter((other) => other !== one);
    one.reply?.({ ok, message });
  }

  /** Told now; what was asked is still to be written down. */
  function tell(one: Waiting, reply: Reply): void {
    one.reply?.(reply);
    one.reply = null;
  }

  return {
    store: {
      ...store,
      run: (id) => {
        const run = store.run(id);
        return run === null ? null : shown(run);
      },
      openRuns: () => shownAll(store.openRuns()),
      runsOf: (task) => shownAll(store.runsOf(task)),
      requests: () => (waiting.length === 0 ? store.requests() : [...store.requests(), ...waiting.map(({ request }) => request)]),
      changes: () => store.changes() + changes,
      commit,
    },
    isHolding: () => held.size > 0,
    keep(plan, world, because) {
      const kept = (plan.commit.runs ?? []).filter(({ next, expected }) => expected !== null && isEnd(next, store.run(next.id)));
      for (const { next } of kept) {
        const stored = held.get(next.id)?.stored ?? store.run(next.id)?.version;
        if (stored !== undefined) held.set(next.id, { next, stored });
      }
      const ids = new Set(kept.map(({ next }) => next.id));
      history = [...history, ...(plan.commit.history ?? []).filter(({ run }) => run !== null && ids.has(run))];
      if (ids.size > 0) changes += 1;
      const later = `nothing can be written down now (${because}): tac8 writes it as soon as it can`;
      for (const one of [...waiting]) {
        const answer = plan.commit.answers?.find(({ id }) => id === one.request.id);
        const end = endOf(world, one.request);
        if (answer !== undefined && !answer.ok) done(answer.id, answer);
        else if (answer !== undefined) tell(one, { ok: true, message: `${answer.message}; ${later}` });
        else if (end !== null) tell(one, { ok: true, message: `${end}; ${later}` });
      }
      return plan.actions.filter(({ kind }) => ENDS.has(kind));
    },
    ask: (spoken) =>
      new Promise((reply) => {
        lastId -= 1;
        changes += 1;
        waiting = [...waiting, { request: { ...spoken, id: lastId, at: clock.now() }, reply }];
      }),
    close() {
      for (const one of waiting) tell(one, { ok: false, message: 'the daemon left before it was done, and nothing of it is written down' });
    },
  };
}

/** It is being ended, or is to be before it begins; or it was found alive, so that it can be. */
function isEnd(next: Run, before: Run | null): boolean {
  if (next.state === 'preparing' || next.state === 'starting') return next.wanted !== null;
  return next.state === 'stopping' || (next.state === 'running' && before?.state === 'starting');
}

/** How the task's worker ended, as far as this look tells; null: it has not, or nobody knows. */
function endOf(world: World, { task }: Request): string | null {
  const run = world.runs.find((one) => one.task === task && one.state !== 'settled');
  const seen = run === undefined ? undefined : world.processes.get(run.id);
  if (seen?.known === true) return seen.value.kind === 'gone' ? `the worker of ${task} is ended` : null;
  // How it ended is recorded by its own parent, who has no room either.
  const isKilled = run?.state === 'stopping' && run.rung === 'kill';
  return seen !== undefined && isKilled ? `the worker of ${task} was sent SIGKILL, and ${seen.because}` : null;
}
