import type { Run } from '../../../src/core/model/run.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';
import type { Conversation } from '../truth/conversations.ts';

/** What the provider said, held against what is started: nothing before a limit resets, nothing until a refused login was looked at. */
export interface Parking {
  judged(run: Run, talk: Conversation): void;
  started(run: RunId, task: TaskId): void;
  /** A person says that it may go on. */
  checked(): void;
}

export function createParking({ judge, contents, timeline }: Stage): Parking {
  let until: Ms | null = null;
  let since: Ms | null = null;
  return {
    judged(run, talk) {
      if (talk.isDisturbed || run.settlement.outcome?.kind !== 'failed') return;
      const { type } = run.settlement.outcome.failure;
      if (type === 'usage_limit' && run.stream.limitedUntil !== null) until = Math.max(until ?? 0, run.stream.limitedUntil);
      if (type === 'auth_error') since = timeline.wall();
    },
    started(run, task) {
      const decided = contents.runs.get(run)?.createdAt ?? 0;
      // What was decided on before is under way.
      if (since !== null && decided > since)
        judge.broken('stop means stop', `${run} of ${task} starts though the provider refused the login and nobody has looked`);
      const isEarly = until !== null && timeline.wall() < until && decided < until;
      if (isEarly && until !== null && limitSeenBefore(decided)) {
        judge.broken(
          'a usage limit parks the fleet',
          `${run} of ${task} starts ${Math.round((until - timeline.wall()) / 1000)} s before the limit resets`,
        );
      }
    },
    checked() {
      until = null;
      since = null;
    },
  };

  /** A run had ended by the limit, and its task had been told, when this one was decided on. */
  function limitSeenBefore(decided: Ms): boolean {
    return [...contents.runs.values()].some(
      ({ settlement: { outcome }, stream, ...run }) =>
        outcome?.kind === 'failed' &&
        outcome.failure.type === 'usage_limit' &&
        stream.limitedUntil === until &&
        'endedAt' in run &&
        outcome.failure.at + 60_000 < decided,
    );
  }
}
