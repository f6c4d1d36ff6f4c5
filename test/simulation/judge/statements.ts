import { openMemoryStore } from '../../../src/adapters/store/memory.ts';
import type { Run } from '../../../src/core/model/run.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import { issueNumber, type Task, type TaskId } from '../../../src/core/model/task.ts';
import { readFleet, waitsFor } from '../../../src/read/status.ts';
import { MINUTE } from '../incidents.ts';
import type { Stage } from '../stage.ts';
import { TAC8 } from '../truth/forge.ts';

/** What was asked of GitHub may be as old as two polls, and a poll may meet a trouble that has just ended. */
const ASKED_AGAIN = 25 * MINUTE;
/** What this machine itself tells is looked at every few seconds; what a step waits for may take its longest pause. */
const LOOKED_AT = 6 * MINUTE;
/** A clock that is set moves times along. */
const SLIP: Ms = 2_000;

/** What is said of a task, and why it is not so. */
interface Claim {
  readonly words: string;
  readonly because: string;
  /** For so long of untroubled time it may still be said. */
  readonly within: Ms;
}

/** Why a sentence is false; null: it is true. */
type Evidence = (said: RegExpExecArray, task: Task) => string | null;
interface Sentence {
  readonly pattern: RegExp;
  readonly within: Ms;
  readonly falseBecause: Evidence;
}

/** What is said instead, to see that the judge notices. */
export type Lie = (words: string) => string;

export interface Statements {
  /** Once a minute: all that `status` says, held against what there is. */
  look(): void;
  /** How many sentences were looked at. */
  readonly looked: () => number;
}

/**
 * Everything that `status` says of tasks, judged by the simulated world itself: each sentence has the evidence it must have, a sentence that
 * has none here is a violation, and what is false for longer than it can take to learn better is one, too.
 */
export function createStatements(stage: Stage, lie: Lie = (words) => words): Statements {
  const { judge, contents, kernel, forge, troubles, timeline } = stage;
  const sentences = sentencesOf(stage);
  const falseSince = new Map<string, Ms>();
  let looked = 0;

  function* claims(now: Ms): Generator<Claim> {
    const fleet = readFleet(openMemoryStore(contents), now);
    const known = { ...fleet, daemon: stage.isUp() ? {} : null };
    for (const task of contents.tasks.values()) {
      if (task.state === 'pending') for (const words of waitsFor(task, known)) yield* ofSentence(task, lie(words));
      yield* ofTimes(task, now);
      yield* ofCounts(task);
      if (task.state === 'failed') yield* ofEnd(task);
    }
    for (const run of contents.runs.values()) yield* ofRun(run, now);
    yield* ofTotals();
  }

  function* ofSentence(task: Task, words: string): Generator<Claim> {
    looked += 1;
    for (const { pattern, within, falseBecause } of sentences) {
      const said = pattern.exec(words);
      if (said === null) continue;
      const because = falseBecause(said, task);
      if (because !== null) yield { words: `${task.id}: ${words.replace(/\d+ [smhd]\b/g, '…')}`, because, within };
      return;
    }
    yield { words: `${task.id}: ${words}`, because: 'nobody has written down what this sentence rests on', within: 0 };
  }

  /** Nothing that happened is still to come. */
  function* ofTimes(task: Task, now: Ms): Generator<Claim> {
    const { addedAt, pausedAt } = task;
    const times = {
      addedAt,
      pausedAt,
      ...('at' in task ? { at: task.at } : {}),
      ...('startedAt' in task ? { startedAt: task.startedAt } : {}),
    };
    for (const [name, at] of Object.entries(times))
      if (at !== null && at > now + SLIP)
        yield { words: `${task.id}: ${name}`, because: 'that is still to come: its age is negative', within: MINUTE };
  }

  function* ofCounts({ id, runs, attempts }: Task): Generator<Claim> {
    looked += 1;
    const there = [...contents.runs.values()].filter(({ task }) => task === id).length;
    if (attempts > runs) yield { words: `${id}: ${attempts} attempts`, because: `it had ${runs} runs`, within: 0 };
    if (runs < there) yield { words: `${id}: ${runs} runs`, because: `there are ${there}`, within: 0 };
  }

  /** Who is said to have ended it did so. */
  function* ofEnd({ id, failure }: Extract<Task, { state: 'failed' }>): Generator<Claim> {
    looked += 1;
    if (failure.type !== 'stopped' && failure.type !== 'killed' && failure.type !== 'cancelled') return;
    const issue = forge.issues.get(issueNumber(id) ?? 0);
    const wentAway = issue !== undefined && (issue.wentAt !== null || issue.labelled.by === 'eve');
    const isNowhere = !stage.hasForge && issueNumber(id) !== null;
    if (!stage.ended.has(id) && !wentAway && !isNowhere)
      yield { words: `${id} ${failure.type} by ${failure.by ?? 'someone'}: ${failure.message}`, because: 'nobody ended it', within: 0 };
  }

  /** Turns, and when it was last heard. */
  function* ofRun(run: Run, now: Ms): Generator<Claim> {
    const talk = stage.conversations.of.get(run.id);
    const { turns, lastEventAt } = run.stream;
    looked += 1;
    if (talk !== undefined && turns > talk.log.length)
      yield { words: `${run.id}: ${turns} turns`, because: `its log has ${talk.log.length} lines`, within: 0 };
    if (lastEventAt !== null && lastEventAt > now + SLIP && (run.state === 'running' || run.state === 'stopping'))
      yield { words: `${run.id}: last heard`, because: 'that is still to come: its age is negative', within: MINUTE };
  }

  function* ofTotals(): Generator<Claim> {
    looked += 1;
    const launched = [...kernel.folders.values()].filter(({ launchedIn }) => launchedIn !== null).length;
    const pulls = forge.pulls.filter(({ author }) => author === TAC8).length;
    const most = { workers_launched: launched, prs_created: pulls };
    for (const [name, bound] of Object.entries(most)) {
      const said = contents.counters.get(name as never) ?? 0;
      if (said > bound) yield { words: `${name}: ${said}`, because: `there were ${bound}`, within: 0 };
    }
  }

  return {
    looked: () => looked,
    look() {
      const now = timeline.wall();
      const still = new Map<string, Ms>();
      for (const { words, because, within } of claims(now)) {
        const since = falseSince.get(words) ?? judge.healthy();
        still.set(words, since);
        if (judge.healthy() - since >= within && (within === 0 || !troubles.any()))
          judge.broken('every statement is true', `"${words}" is said, but ${because}`);
      }
      falseSince.clear();
      for (const [words, since] of still) falseSince.set(words, since);
    },
  };
}

const numbersIn = (words: string): readonly number[] => [...words.matchAll(/#(\d+)/g)].map(([, number]) => Number(number));

/** Each sentence on why a task waits, and what it rests on. The order is that in which they are looked for. */
function sentencesOf(stage: Stage): readonly Sentence[] {
  const { contents, kernel, forge, troubles, policy } = stage;
  const issueOf = ({ id }: Task) => forge.issues.get(issueNumber(id) ?? 0);
  const runsOf = (id: TaskId): readonly Run[] => [...contents.runs.values()].filter(({ task }) => task === id);
  const sentence = (pattern: RegExp, within: Ms, falseBecause: Evidence): Sentence => ({ pattern, within, falseBecause });
  /** Said while something is looked up: true for as long as that can take. */
  const passing = (pattern: RegExp, within: Ms): Sentence => sentence(pattern, within, () => 'that takes no such time');
  const isOpenPull = (number: number): boolean => forge.pulls.some((pull) => pull.number === number && pull.state === 'open');
  return [
    sentence(/^paused by a person/, LOOKED_AT, (_, { id }) =>
      stage.paused.has(id) || stage.foreign.has(id) ? null : 'nobody has paused it, or somebody let it go on',
    ),
    sentence(/^backing off for .* after (\w+)/, LOOKED_AT, ([, type], { id }) => {
      const talks = runsOf(id).flatMap((run) => stage.conversations.of.get(run.id) ?? []);
      const isSo = talks.length === 0 || talks.some(({ isDisturbed, expects }) => isDisturbed || expects.includes(type ?? ''));
      return isSo || UNSEEN.has(type ?? '') ? null : `no agent of it ever ended by ${type}`;
    }),
    sentence(/^backing off/, LOOKED_AT, (_, task) => (task.state === 'pending' && task.last !== null ? null : 'nothing of it has failed')),
    sentence(/^no daemon runs/, 0, () => (stage.isUp() ? 'one does' : null)),
    sentence(/^the fleet is paused/, LOOKED_AT, () =>
      stage.paused.has('fleet') ? null : 'nobody has paused it, or somebody let it go on',
    ),
    sentence(/^(?:the fleet is )?parked: (\w+)/, LOOKED_AT, ([, type]) => {
      const met = [...stage.conversations.of.values()].some(({ isDisturbed, expects }) => isDisturbed || expects.includes(type ?? ''));
      return met ? null : `no agent met ${type}`;
    }),
    sentence(/^waiting for a slot \((\d+)\/(\d+)\)/, LOOKED_AT, ([, used, of]) => {
      if (Number(of) !== policy.slots) return `there are ${policy.slots}`;
      const open = [...contents.runs.values()].filter(({ state }) => state !== 'settled').length;
      return Math.max(open, kernel.liveRuns().size) >= Number(used) ? null : `${open} runs are open`;
    }),
    sentence(/^another task was started just now/, LOOKED_AT, () => 'that is a moment ago'),
    sentence(/of memory are free/, LOOKED_AT, () => (troubles.is('short-of-memory') ? null : 'there is enough')),
    passing(/^nothing holds it|^it is ready/, LOOKED_AT),
    sentence(/^depends on \d+ (?:other )?(?:open )?issues?; tac8/, ASKED_AGAIN, (_, task) =>
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
    sentence(/labelled by (\w+), who may (only read|write)/, ASKED_AGAIN, ([, by], task) =>
      issueOf(task)?.labelled.by === by ? null : `${issueOf(task)?.labelled.by} put it on last`,
    ),
    sentence(/^(?:not started: )?the label is not on it/, ASKED_AGAIN, (_, task) => (issueOf(task)?.isLabelled === true ? 'it is' : null)),
    sentence(/^(?:issue gone|issue closed|label removed)/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.isOpen === true && issueOf(task)?.isLabelled === true ? 'it is open and bears the label' : null,
    ),
    sentence(/^the issue was edited after its label was put on/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.title.includes('(edited)') === true ? null : 'nobody edited it',
    ),
    sentence(/is about to leave/, LOOKED_AT, () => (stage.isLeaving ? null : 'it was not told to')),
    sentence(/^(w-\w+) still lives/, LOOKED_AT, ([, run]) =>
      kernel.membersOf(run as Run['id']).length > 0 ? null : 'nothing of it lives',
    ),
    passing(/is looking up|asks for it by itself|does not know|are unknown|its issue is missing from the list/, ASKED_AGAIN),
    sentence(/^tasks\.md line \d+: .* is there already/, Number.POSITIVE_INFINITY, () => null),
    sentence(/^kept: its issue is missing/, ASKED_AGAIN, () => 'a list came since'),
  ];
}

/** What no agent says: it never came to one, or nobody could read its words. */
const UNSEEN: ReadonlySet<string> = new Set([
  'worktree_error',
  'setup_error',
  'startup_error',
  'unknown',
  'timeout',
  'crash',
  'interrupted',
]);
