import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { misfitOfRun } from '../../adapters/store/shapes/documents.ts';
import type { Run, StopCause } from '../../core/model/run.ts';
import { transitionRun } from '../../core/model/run-transition.ts';
import type { RunId, Task } from '../../core/model/task.ts';
import type { Result } from '../../engine/perform/step/apply.ts';
import { writeWholeSync } from '../../files/write-whole.ts';

/** A run that this machine has, as it was told of last and as it went on here. */
export interface Charge {
  readonly run: Run;
  /** Null: only a look told of the run so far. */
  readonly task: Task | null;
  /** Why it was ended here, while nobody was heard. */
  readonly cause: StopCause | null;
}

/** The runs that a runner has in its charge, on its disk: a runner that is started anew while it is cut off knows them. */
export interface Charges {
  all(): readonly Charge[];
  of(run: RunId): Charge | null;
  /** What the coordinator says of a run counts; what was decided here is kept beside it. */
  told(run: Run, task: Task | null): void;
  /** What was done here to a run that it was told of. */
  did(run: RunId, result: Result): void;
  /** What was decided here. */
  decided(run: Run, cause: StopCause | null): void;
  forget(run: RunId): void;
}

/** What outlives the runner. */
export interface Kept {
  all(): readonly Charge[];
  put(charge: Charge): void;
  drop(run: RunId): void;
}

export function openCharges(folder: string): Charges {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const fileOf = (run: RunId): string => join(folder, `${run.replaceAll(/[^\w-]/g, '')}.json`);
  return chargesIn({
    all: () =>
      readdirSync(folder)
        .filter((name) => name.endsWith('.json'))
        .flatMap((name) => readCharge(join(folder, name)) ?? []),
    put: (charge) => writeWholeSync(fileOf(charge.run.id), JSON.stringify(charge)),
    drop: (run) => rmSync(fileOf(run), { force: true }),
  });
}

export function chargesIn(kept: Kept): Charges {
  const charges = new Map(kept.all().map((charge) => [charge.run.id, charge]));
  const keep = (charge: Charge): void => {
    charges.set(charge.run.id, charge);
    kept.put(charge);
  };
  const forget = (run: RunId): void => {
    if (charges.delete(run)) kept.drop(run);
  };
  return {
    all: () => [...charges.values()],
    of: (run) => charges.get(run) ?? null,
    told(run, task) {
      // Nothing of it lives any more, and whoever decides knows that.
      if (run.state === 'ended' || run.state === 'settled') return forget(run.id);
      const before = charges.get(run.id);
      if (before?.run.version === run.version && before.run.state === run.state && (task === null || before.task !== null)) return;
      keep({ run, task: task ?? before?.task ?? null, cause: before?.cause ?? null });
    },
    did(id, { events }) {
      const before = charges.get(id);
      if (before === undefined) return;
      const run = events.reduce((after, { event }) => transitionRun(after, event) ?? after, before.run);
      if (run.state === 'ended') forget(id);
      else if (run !== before.run) keep({ ...before, run });
    },
    decided(run, cause) {
      const before = charges.get(run.id);
      keep({ run, task: before?.task ?? null, cause: before?.cause ?? cause });
    },
    forget,
  };
}

/** Half a file, or one of another version, says nothing. */
function readCharge(path: string): Charge | null {
  try {
    const { run, task, cause } = JSON.parse(readFileSync(path, 'utf8')) as Charge;
    return misfitOfRun(run) === null ? { run, task: task ?? null, cause: cause ?? null } : null;
  } catch {
    return null;
  }
}
