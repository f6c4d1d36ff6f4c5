import type { TaskId } from '../../../src/core/model/task.ts';
import type { Stage } from '../stage.ts';
import { isPartOf } from './words/sentences.ts';

/** Messages of people to agents: each is taken up once, or still kept for the next run. */
export interface Letters {
  posted(request: number, task: TaskId | null): void;
  /** An agent begins with it. What several attempts side by side are told, each of them begins with. */
  taken(uuid: string, task: TaskId | undefined): void;
  /** At rest: those that are gone without an agent having begun with them. */
  lost(): readonly string[];
  /** Nobody knows of those that were posted so far. */
  forget(): void;
}

export function createLetters({ contents, judge, troubles, trace }: Stage): Letters {
  const posted = new Map<number, TaskId>();
  const taken = new Map<string, number>();
  const begun = new Set<string>();

  function isKept(request: number, task: TaskId): boolean {
    const fleet = contents.facts.get('fleet') as
      | { readonly letters?: Readonly<Partial<Record<TaskId, readonly { readonly id: number }[]>>> }
      | undefined;
    return Object.entries(fleet?.letters ?? {}).some(
      ([whose, letters]) => isPartOf(whose as TaskId, task) && letters?.some(({ id }) => id === request),
    );
  }

  /** The run that it was given to, by the run's own record. */
  const given = (request: number) => [...contents.runs.values()].flatMap(({ tells = [] }) => tells.filter(({ id }) => id === request));

  return {
    posted(request, task) {
      if (task !== null) posted.set(request, task);
    },
    taken(uuid, task) {
      const theirs = `${uuid} of ${task}`;
      const times = (taken.get(theirs) ?? 0) + 1;
      taken.set(theirs, times);
      begun.add(uuid);
      trace(() => `the agent begins with message ${uuid}`);
      // Where its log could not be read nobody knows that it had begun.
      if (times > 1 && !troubles.refuses('agents.follow'))
        judge.broken('each effect happens once', `an agent begins ${times} times with the same message`);
    },
    forget: () => posted.clear(),
    lost: () =>
      [...posted].flatMap(([request, task]) => {
        if (contents.requests.get(request)?.answer?.ok !== true || isKept(request, task)) return [];
        return given(request).some(({ uuid }) => begun.has(uuid)) ? [] : [`message ${request} to ${task}`];
      }),
  };
}
