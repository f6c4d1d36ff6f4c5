import type { TaskId } from '../../../../src/core/model/task.ts';
import type { Stage } from '../../stage.ts';
import { LOOKED_AT, type Sentence, sentence } from './sentences.ts';

const PARKS = ['usage_limit', 'auth_error', 'billing_error', 'provider_error'];

/** What is said of the routes that share issues among several logins, and what it rests on. */
export function loginSentences({ contents, conversations, policy }: Stage): readonly Sentence[] {
  const fits = (n: number, id: TaskId): boolean => contents.tasks.get(id)?.title.includes(policy.routes[n]?.when.title ?? '?') === true;
  const wasCutOff = (login: string): boolean =>
    [...conversations.of.values()].some(
      ({ run, isDisturbed, expects }) =>
        (contents.runs.get(run)?.agent.login ?? 'default') === login && (isDisturbed || expects.some((type) => PARKS.includes(type))),
    );
  return [
    sentence(/^the agent is .*: the login (\w+) is parked, and next: /, LOOKED_AT, ([, login = '']) =>
      wasCutOff(login) ? null : `no agent with the login ${login} was cut off`,
    ),
    sentence(/^the agent is .*: routes\[(\d)\] \(title: \d\) fits$/, LOOKED_AT, ([, n], { id }) =>
      fits(Number(n), id) && !policy.routes.slice(0, Number(n)).some((_, before) => fits(before, id)) ? null : 'another one does, or none',
    ),
  ];
}
