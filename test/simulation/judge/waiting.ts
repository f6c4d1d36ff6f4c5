import type { Dependency, Issue } from '../../../src/core/model/forge.ts';
import { issueNumber, type TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';

/** Sees that what is known to depend on open issues waits. */
export interface Waiting {
  delivered(issues: readonly Issue[]): void;
  answered(issue: number, dependencies: readonly Dependency[]): void;
  started(task: TaskId): void;
}

export function createWaiting({ judge }: Stage): Waiting {
  /** How many lists in a row said of an issue that it depends on open ones. */
  let said = new Map<number, number>();
  return {
    delivered(issues) {
      const before = said;
      said = new Map(
        issues.flatMap(({ number, dependencies }) => ((dependencies?.open ?? 0) > 0 ? [[number, (before.get(number) ?? 0) + 1]] : [])),
      );
    },
    answered(issue, dependencies) {
      if (dependencies.every(({ open }) => !open)) said.delete(issue);
    },
    started(task) {
      const number = issueNumber(task) ?? 0;
      // A list counts once the pulls that were asked for with it are there; before the second one is asked for, the first counts.
      if ((said.get(number) ?? 0) >= 2)
        judge.broken('what depends on open issues waits', `${task} starts, and two lists have said that it depends on an open issue`);
    },
  };
}
