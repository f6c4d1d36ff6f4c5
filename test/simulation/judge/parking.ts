import type { Run } from '../../../src/core/model/run.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';
import type { Conversation } from '../truth/conversations.ts';

/**
 * What the provider said, held against what is started. What one task was told holds for half an hour; what the next one to be told anything was told,
 * too, within an hour, holds until a limit resets, or until a refused login was looked at.
 */
export interface Parking {
  judged(run: Run, talk: Conversation): void;
  started(run: RunId, task: TaskId): void;
  /** A person says that it may go on. */
  checked(): void;
}

interface Told {
  readonly type: 'usage_limit' | 'auth_error';
  readonly task: TaskId;
  readonly login: string | undefined;
  /** By the clock on the wall. */
  readonly at: Ms;
  /** By a clock that nobody sets, as all that is waited for. */
  readonly heardAt: Ms;
  /** When it ends by itself, by the clock on the wall: that is what the provider names. */
  readonly until: Ms;
}

const MINUTE: Ms = 60_000;
const NEVER = Number.POSITIVE_INFINITY;

export function createParking({ judge, contents, timeline }: Stage): Parking {
  let told: readonly Told[] = [];
  return {
    judged(run, talk) {
      if (talk.isDisturbed || run.settlement.outcome?.kind !== 'failed') return;
      const { type } = run.settlement.outcome.failure;
      const at = timeline.wall();
      const until = type === 'auth_error' ? NEVER : type === 'usage_limit' ? run.stream.limitedUntil : null;
      if (until !== null && (type === 'auth_error' || type === 'usage_limit'))
        told = [...told, { type, task: run.task, login: run.agent.login, at, heardAt: timeline.mono(), until }];
    },
    started(run, task) {
      // What was decided on before is under way.
      const decided = contents.runs.get(run)?.createdAt ?? 0;
      const { login } = contents.runs.get(run)?.agent ?? {};
      const same = told.filter((one) => one.login === login);
      for (const [n, one] of same.entries()) {
        const before = same[n - 1];
        const isSure =
          before?.type === one.type && before.task !== one.task && Math.max(one.heardAt - before.heardAt, one.at - before.at) < 50 * MINUTE;
        // While the word of one task stands, that of another about something else is not kept beside it.
        const since = same.slice(0, n).find(({ heardAt }) => one.heardAt - heardAt < 30 * MINUTE) ?? one;
        // By either clock: that one was set while no daemon ran, nobody can tell.
        const alone = 29 * MINUTE + Math.min(since.heardAt - timeline.mono(), since.at - timeline.wall());
        const end = Math.min(one.until - timeline.wall(), isSure ? NEVER : alone);
        const late = one.type === 'usage_limit' ? MINUTE : 0;
        if (decided <= one.at + late || end <= 0) continue;
        if (one.type === 'auth_error')
          return judge.broken('stop means stop', `${run} of ${task} starts though the provider refused the login and nobody has looked`);
        const early = Math.round(end / 1000);
        return judge.broken('a usage limit parks the fleet', `${run} of ${task} starts ${early} s before the limit resets`);
      }
    },
    checked() {
      told = [];
    },
  };
}
