import type { Run } from '../../../../src/core/model/run.ts';
import { rootOf, type Task } from '../../../../src/core/model/task.ts';
import type { Stage } from '../../stage.ts';
import { machineNow } from '../../truth/machine.ts';
import { REPLY } from '../cost.ts';
import { loginSentences } from './login-words.ts';
import { raceSentences } from './race-words.ts';
import { ASKED_AGAIN, evidenceIn, LOOKED_AT, passing, type Sentence, sentence } from './sentences.ts';

const numbersIn = (words: string): readonly number[] => [...words.matchAll(/#(\d+)/g)].map(([, number]) => Number(number));

/** Each sentence on why a task waits, and what it rests on. The order is that in which they are looked for. */
export function waitingSentences(stage: Stage): readonly Sentence[] {
  const { contents, kernel, forge, policy } = stage;
  const { issueOf, notEndedBy } = evidenceIn(stage);
  const isOpenPull = (number: number): boolean => forge.pulls.some((pull) => pull.number === number && pull.state === 'open');
  return [
    ...raceSentences(stage),
    ...loginSentences(stage),
    sentence(/^paused by a person/, LOOKED_AT, (_, { id }) =>
      stage.paused.has(id) ||
      stage.ended.has(id) ||
      stage.ended.has(rootOf(id)) ||
      stage.paused.has(rootOf(id)) ||
      stage.foreign.has(id) ||
      stage.foreign.has(rootOf(id))
        ? null
        : 'nobody has paused it, or somebody let it go on',
    ),
    sentence(/^backing off(?: for .*)? after (\w+)/, LOOKED_AT, ([, type], task) => notEndedBy(type ?? '', task)),
    sentence(/^backing off/, LOOKED_AT, (_, task) => (task.state === 'pending' && task.last !== null ? null : 'nothing of it has failed')),
    sentence(/^no daemon runs/, 0, () => (stage.isUp() ? 'one does' : null)),
    sentence(/^the fleet is paused/, LOOKED_AT, () =>
      stage.paused.has('fleet') ? null : 'nobody has paused it, or somebody let it go on',
    ),
    sentence(/^(?:the fleet is )?parked(?: the login \w+)?: (\w+)/, LOOKED_AT, ([, type]) => {
      const met = [...stage.conversations.of.values()].some(({ isDisturbed, expects }) => isDisturbed || expects.includes(type ?? ''));
      return met ? null : `no agent met ${type}`;
    }),
    sentence(/^waiting for a slot \((\d+)\/(\d+)\)/, LOOKED_AT, ([, used, of]) => {
      if (Number(of) !== policy.slots) return `there are ${policy.slots}`;
      const open = [...contents.runs.values()].filter(({ state }) => state !== 'settled').length;
      return Math.max(open, kernel.liveRuns().size) >= Number(used) ? null : `${open} runs are open`;
    }),
    sentence(/^another task was started just now/, LOOKED_AT, () => 'that is a moment ago'),
    // A fleet in which nothing else goes on looks with the next poll.
    sentence(/of memory are free/, ASKED_AGAIN, () =>
      machineNow(stage).freeMemoryBytes < policy.limits.minFreeMemory ? null : 'there is enough',
    ),
    sentence(/of disk are free/, LOOKED_AT, () => (machineNow(stage).freeDiskBytes < policy.limits.minFreeDisk ? null : 'there is enough')),
    sentence(/^[\d.]+ processes want each core/, LOOKED_AT, () =>
      machineNow(stage).loadPerCore > policy.limits.loadPerCore ? null : 'there are fewer',
    ),
    sentence(/^(?:more than |≈ )?\$([\d.]+) of \$[\d.]+ for today are spent/, LOOKED_AT, ([, usd]) => {
      const most = REPLY.usd * [...stage.conversations.of.values()].reduce((sum, { replies }) => sum + replies, 0);
      return Number(usd) <= most + 0.01 ? null : `all agents together have cost $${most.toFixed(2)}`;
    }),
    sentence(/^(?:waiting for a slot|a slot) of the agent /, LOOKED_AT, () =>
      policy.own === undefined ? 'no agent has slots of its own' : null,
    ),
    sentence(/^(?:enough pulls of tac8 wait|there may be one more pull of tac8)/, LOOKED_AT, () =>
      policy.maxOpenPulls === null ? 'nobody has set how many there may be' : null,
    ),
    sentence(/^claimed by |^tac8 (?:claims|cannot claim) its issue|^its issue is claimed/, LOOKED_AT, () =>
      policy.claim ? null : 'nobody claims issues here',
    ),
    passing(/^nothing holds it|^it is ready/, LOOKED_AT),
    sentence(/^depends on \d+ (?:other )?(?:open )?issues?(?:; tac8| that the token may not see)/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.blockers.some(({ isOpen }) => isOpen) ? null : 'all that it depends on are closed',
    ),
    sentence(/^depends on #/, ASKED_AGAIN, ({ input }, task) => {
      const closed = numbersIn(input).filter((number) => !issueOf(task)?.blockers.some((one) => one.number === number && one.isOpen));
      return closed.length === 0 ? null : `#${closed.join(', #')} is closed`;
    }),
    sentence(/^a person's open pull #(\d+) by (\w+) closes it/, ASKED_AGAIN, ([, number]) =>
      isOpenPull(Number(number)) ? null : 'that pull is not open',
    ),
    sentence(/^its branch has an open pull already: #(\d+)/, ASKED_AGAIN, ([, number]) =>
      isOpenPull(Number(number)) ? null : 'that pull is not open',
    ),
    sentence(/^(?:not started: )?(\w+) put the label on and has (?:only )?(?:read|write) access/, ASKED_AGAIN, ([, by], task) =>
      issueOf(task)?.labelled.by === by ? null : `${issueOf(task)?.labelled.by} put it on last`,
    ),
    sentence(
      /^(?:not started: )?(?:"[^"]+" was put on by|The account that put) /,
      ASKED_AGAIN,
      () => 'persons with accounts put it on here',
    ),
    sentence(/^(?:not started: )?GitHub has no record of who put/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.isLabelled === true ? 'it has' : null,
    ),
    sentence(/^(?:issue gone|issue closed|label removed|issue locked|not in the milestone|not assigned to)/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.isOpen === true && issueOf(task)?.isLabelled === true ? 'it is open and bears the label' : null,
    ),
    sentence(/^the issue was edited after its label was put on/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.title.includes('(edited)') === true ? null : 'nobody edited it',
    ),
    sentence(/is about to leave/, LOOKED_AT, () => (stage.isLeaving ? null : 'it was not told to')),
    sentence(/^(w-\w+) still lives/, LOOKED_AT, ([, run]) =>
      kernel.membersOf(run as Run['id']).length > 0 ? null : 'nothing of it lives',
    ),
    sentence(/^before it starts tac8 looks up whether/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.isOpen === true && issueOf(task)?.isLabelled === true ? 'the list tells of its issue' : null,
    ),
    // Asked again once nothing else holds it.
    sentence(/^tac8 does not know who put the label on/, ASKED_AGAIN, (_, task) => {
      const rests = task.state === 'pending' && (task.retryAt ?? 0) > stage.timeline.wall();
      return rests || issueOf(task)?.blockers.some(({ isOpen }) => isOpen) === true ? null : 'that takes no such time';
    }),
    passing(
      /is looking up|asks for it by itself|does not know|(?<!last words )are unknown|its issue is missing from the list/,
      ASKED_AGAIN,
    ),
    sentence(/^tasks\.md line \d+: (\S+) is there already/, LOOKED_AT, ([, id]) =>
      contents.tasks.has(id as Task['id']) ? null : `there is no ${id}`,
    ),
  ];
}
