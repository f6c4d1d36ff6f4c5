import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId } from '../../../src/core/model/task.ts';
import { MINUTE } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import { createStatements, type Found, type Lie, type Planted } from './words/statements.ts';

/** How long a run may be shown alive after its last process is gone, nothing being wrong. */
const STATUS_BOUND = 2 * MINUTE;
/** More ticks in a minute than all that can happen in one explains. */
const MOST_TICKS = 400;

/** What is said for a shorter time than this is on its way to something else: half of a tick, an answer that is just coming. */
const STANDS: Ms = 1_000;

export interface Minutes {
  tick(): void;
  /** So many since the beginning. */
  ticks(): number;
  /** Sentences that were held against what there is. */
  statements(): number;
  /** Of each sentence that was planted what was found. */
  found(): readonly (Found | null)[];
  /** After each step. */
  look(now: Ms): void;
  /** Before each step: what is said now is said until then. */
  rest(now: Ms, next: Ms): void;
}

/** What is looked at once a minute: that the status is true, that notes of people are still there, that the loop does not spin. */
export function createMinutes(stage: Stage, lie?: Lie, planted?: readonly Planted[]): Minutes {
  const { judge, contents, kernel, board } = stage;
  const goneSince = new Map<RunId, Ms>();
  const statements = createStatements(stage, lie, planted);
  let minute = 0;
  let looked = -1;
  let ticks = 0;
  let before = 0;

  function lookAtRuns(): void {
    for (const run of contents.runs.values()) {
      const isShownAlive = run.state === 'running' || run.state === 'stopping';
      if (!isShownAlive || kernel.membersOf(run.id).length > 0) goneSince.delete(run.id);
      else {
        const since = goneSince.get(run.id) ?? judge.healthy();
        goneSince.set(run.id, since);
        if (judge.healthy() - since > STATUS_BOUND)
          judge.broken('the status never lies', `${run.id} (${run.task}) is ${run.state}, but no process of it lives`);
      }
    }
  }

  function lookAtBoard(): void {
    const { text } = board;
    if (text === null || board.isBeingSaved) return;
    const lost = stage.prose.find((word) => !text.includes(word) && !board.copies.some((copy) => copy.includes(word)));
    if (lost !== undefined) judge.broken("a person's edit is never lost", `their words "${lost}" are not in tasks.md any more`);
  }

  return {
    tick: () => {
      ticks += 1;
    },
    ticks: () => before + ticks,
    statements: statements.looked,
    found: statements.found,
    look(now) {
      const current = Math.floor(now / MINUTE);
      if (ticks > MOST_TICKS) judge.broken('the loop never spins', `${ticks} ticks in one minute`);
      if (current === minute) return;
      minute = current;
      before += ticks;
      ticks = 0;
      lookAtRuns();
      lookAtBoard();
    },
    rest(now, next) {
      const current = Math.floor(now / MINUTE);
      if (next - now < STANDS || current === looked) return;
      looked = current;
      statements.look();
    },
  };
}
