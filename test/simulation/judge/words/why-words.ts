import { agentName } from '../../../../src/core/agent/which.ts';
import { explain } from '../../../../src/core/explain/explain.ts';
import { known } from '../../../../src/core/model/seen.ts';
import { issueNumber, type RunId, type Task, unknownTask } from '../../../../src/core/model/task.ts';
import type { World } from '../../../../src/core/tick/world.ts';
import type { Stage } from '../../stage.ts';
import { ANSWERED, ASKED_AGAIN, evidenceIn, LOOKED_AT, passing, type Sentence, sentence } from './sentences.ts';
import { waitingSentences } from './waiting-words.ts';

/** Whatever `why` says of a task: its sentence and what that stands on. `world`: what the daemon saw last, as `why` would see it. */
export function saidByWhy({ contents, forge, policy, timeline }: Stage, world: World, { id }: Task): readonly string[] {
  // As `why` does, which asks for the one that it is asked of.
  const number = issueNumber(id);
  const triggers = number === null ? world.triggers : new Map([...world.triggers, [number, known(forge.trigger(number), timeline.wall())]]);
  const now = { ...world, triggers, tasks: [...contents.tasks.values()], runs: [...contents.runs.values()] };
  const { sentence: first, gates } = explain(now, policy, id, timeline.wall());
  return [first, ...gates.map(({ text }) => text)];
}

/** Each sentence of `why`, and what it rests on. */
export function whySentences(stage: Stage): readonly Sentence[] {
  return [...gatesOf(stage), ...ofAbsent(stage), ...ofRuns(stage), ...waitingSentences(stage), ...ofEnds(stage)];
}

/** Names that people may ask for, and no task: every issue that is none, and some that nobody has ever seen. */
export function absentFrom({ contents, forge, policy }: Stage): readonly Task[] {
  const ids = [...[...forge.issues.keys()].map((number): Task['id'] => `gh-${number}`), 'gh-9999', 'local-9999'] as const;
  return ids.filter((id) => !contents.tasks.has(id)).map((id) => unknownTask(id, policy.branchPrefix));
}

/** Of what is no task. */
function ofAbsent(stage: Stage): readonly Sentence[] {
  const { issueOf } = evidenceIn(stage);
  return [
    sentence(/^there is no such task/, LOOKED_AT, (_, { id }) => (stage.contents.tasks.has(id) ? 'there is' : null)),
    sentence(/^it is not an open, unlocked issue with the label/, ASKED_AGAIN, (_, task) => {
      const issue = issueOf(task);
      return issue?.isOpen === true && issue.isLabelled ? 'it is one' : null;
    }),
    passing(/^the state of GitHub is unknown/, ASKED_AGAIN),
  ];
}

/** What does not hold it, and whose turn it is. */
function gatesOf(stage: Stage): readonly Sentence[] {
  const { contents, kernel, forge, policy } = stage;
  const { issueOf } = evidenceIn(stage);
  return [
    sentence(/^the daemon is not about to leave/, ANSWERED, () => (stage.isLeaving ? 'it was told to' : null)),
    sentence(/^the fleet is not paused/, ANSWERED, () => (stage.paused.has('fleet') ? 'somebody has paused it' : null)),
    sentence(/^a slot is free \((\d+)\/(\d+)\)/, LOOKED_AT, ([, used, of]) => {
      if (Number(of) !== policy.slots) return `there are ${policy.slots}`;
      const running = [...contents.runs.values()].filter(({ state }) => state === 'running').length;
      return running > Number(used) ? `${running} runs are at work` : null;
    }),
    sentence(/^this GitHub does not report dependencies/, LOOKED_AT, () => 'it does'),
    sentence(/^no open pull closes it/, ASKED_AGAIN, (_, task) => {
      const number = issueOf(task)?.number;
      const theirs = forge.pulls.find(({ state, body, author }) => state === 'open' && author === 'bob' && body === `Closes #${number}`);
      return theirs === undefined ? null : `#${theirs.number} does`;
    }),
    sentence(/^it depends on no other issue|^every issue that it depends on is closed/, ASKED_AGAIN, (_, task) =>
      issueOf(task)?.blockers.some(({ isOpen }) => isOpen) === true ? 'one of them is open' : null,
    ),
    sentence(/^its issue is open and bears the label/, ASKED_AGAIN, (_, task) => {
      const issue = issueOf(task);
      return issue?.isOpen === true && issue.isLabelled ? null : 'it is not';
    }),
    sentence(/^\d+ tasks? (?:is|are) before it: ([^…]*)/, LOOKED_AT, ([, named = '']) => {
      const gone = named
        .trim()
        .split(', ')
        .find((id) => contents.tasks.get(id as Task['id'])?.state !== 'pending');
      return gone === undefined ? null : `${gone} does not wait`;
    }),
    passing(/^it waits for nothing: the next tick starts it/, LOOKED_AT),
    passing(/^tac8 is looking up what still runs here/, LOOKED_AT),
    sentence(/^(w-\w+) still lives .* and tac8 cannot tell for which task/, LOOKED_AT, ([, run]) =>
      kernel.membersOf(run as RunId).length > 0 ? null : 'nothing of it lives',
    ),
  ];
}

/** What its run does. */
function ofRuns(stage: Stage): readonly Sentence[] {
  const { contents, kernel, policy, conversations } = stage;
  const { notOf, notEndedBy } = evidenceIn(stage);
  const runOf = (task: Task): RunId => ('run' in task && task.run !== null ? task.run : ('w-000000' as RunId));
  const saidOf = (task: Task) => conversations.of.get(runOf(task))?.log ?? [];
  return [
    passing(/^run w-\w+ is being written down/, LOOKED_AT),
    sentence(/^run (w-\w+) (.*), attempt (\d+)\/(\d+), by (.+)$/, LOOKED_AT, ([, run = '', does = '', attempt, of, by], { id }) => {
      const agent = stage.contents.runs.get(run as RunId)?.agent ?? policy.agent;
      if (Number(of) !== policy.attempts || by !== agentName(agent)) return 'the settings say something else';
      if (Number(attempt) > policy.attempts) return 'it has no more attempts than that';
      const lives = kernel.membersOf(run as RunId).length > 0;
      if (does === 'works' && !lives) return 'nothing of it lives';
      if (does.startsWith('has ended') && lives) return 'processes of it live';
      return notOf(run, id);
    }),
    sentence(/^the agent lives: pid (\d+), (\d+) process/, LOOKED_AT, ([, pid, members], task) => {
      const all = kernel.membersOf(runOf(task));
      if (all.length !== Number(members)) return `${all.length} processes live`;
      return all.some((one) => one.pid === Number(pid)) ? null : 'none of them has that number';
    }),
    sentence(/^the agent \(pid (\d+)\) is gone(?: with exit code (\d+)|, (\d+) of its)?/, LOOKED_AT, ([, pid, code, left], task) => {
      const all = kernel.membersOf(runOf(task));
      if (all.some((one) => one.pid === Number(pid) && one.role === 'agent')) return 'it lives';
      if (left !== undefined && all.length !== Number(left)) return `${all.length} processes live`;
      const exit = kernel.folders.get(runOf(task))?.exit;
      return code === undefined || exit?.code === Number(code) ? null : `it is written down that it ended with ${exit?.code}`;
    }),
    sentence(/^the agent was never launched/, LOOKED_AT, (_, task) =>
      (kernel.folders.get(runOf(task))?.launchedIn ?? null) === null ? null : 'it was',
    ),
    passing(/^tac8 has not looked at its process|^the state of its process is unknown|^its log cannot be read/, LOOKED_AT),
    sentence(/^it has said nothing yet/, LOOKED_AT, (_, task) => (saidOf(task).length > 0 ? 'it has' : null)),
    sentence(/^last heard: .* \((\d+) turns/, LOOKED_AT, ([, turns], task) => {
      const messages = new Set(
        saidOf(task).flatMap(({ event }) =>
          event !== null && 'message' in event && event.kind !== 'provider_error' ? [event.message] : [],
        ),
      );
      messages.delete(null);
      return messages.size === Number(turns) ? null : `it has had ${messages.size}`;
    }),
    sentence(/^to be ended by ((?:limits\.\w+|its result)): /, ASKED_AGAIN, () => 'that takes no such time'),
    sentence(/^to be ended by /, ASKED_AGAIN, (_, task) => notEndedBy('stopped', task)),
    sentence(/^(?:limits\.\w+|its result) would end it/, LOOKED_AT, (_, task) =>
      kernel.membersOf(runOf(task)).length > 0 ? null : 'nothing of it lives',
    ),
    sentence(/^limits\.silence: no output for/, LOOKED_AT, (_, task) =>
      kernel.membersOf(runOf(task)).length > 0 ? null : 'nothing of it lives',
    ),
    sentence(/^limits\.\w+: /, LOOKED_AT, (_, task) => (kernel.membersOf(runOf(task)).length > 0 ? null : 'nothing of it lives')),
    sentence(/ did not work \(\d+ tr(?:y|ies)\): /, ASKED_AGAIN, (_, { id }) => {
      // Others write into the store of this simulation, and what they write stands there until a step is done.
      const isForeign = [...contents.runs.values()].some(({ task, problem }) => task === id && problem?.step === 'somebody else');
      return isForeign ? null : 'nothing keeps it from working';
    }),
  ];
}

/** What it came to. */
function ofEnds(stage: Stage): readonly Sentence[] {
  const { conversations, forge, repository } = stage;
  const { notOf, noCommit, noPull, notEndedBy, mayHaveCome } = evidenceIn(stage);
  const usedTools = (run: string): boolean =>
    conversations.of.get(run as RunId)?.log.some(({ event }) => event?.kind === 'tool_start') === true;
  return [
    sentence(/^done: branch /, LOOKED_AT, (_, { id }) => (repository.pushed.has(id) ? null : 'it was never pushed')),
    sentence(/^(?:done|in review): (\S+)$/, LOOKED_AT, ([, url = ''], task) => noPull(url, task)),
    sentence(/^not merged: /, ASKED_AGAIN, () => 'the forge is on every merge that it was asked for'),
    sentence(/^no commit on \S+, by (w-\w+)$/, LOOKED_AT, ([, run = ''], { id }) => notOf(run, id)),
    sentence(/^commit (\w+) on \S+, by (w-\w+)$/, LOOKED_AT, ([, commit = '', run = ''], { id }) => noCommit(commit, id) ?? notOf(run, id)),
    sentence(/ is the head of the worktree: (\w+)$/, LOOKED_AT, ([, commit = ''], { id }) => noCommit(commit, id)),
    sentence(
      /^the heads differ: pushed ([\w?]+), worktree ([\w?]+)(?:, pull request (\w+))?/,
      ASKED_AGAIN,
      ([, pushed, worktree, head], task) => {
        const there = forge.pulls.find(({ number }) => number === task.pull?.number)?.head.commit.slice(0, 7);
        if (head !== undefined && head !== there) return `the pull has ${there}`;
        return new Set([pushed, worktree, head].filter((one) => one !== '?' && one !== undefined)).size > 1 ? null : 'they are the same';
      },
    ),
    sentence(/^no tests were seen among the agent’s calls/, LOOKED_AT, (_, task) =>
      'run' in task && usedTools(task.run ?? '') ? 'there were some' : null,
    ),
    sentence(/^the agent ran tests /, LOOKED_AT, (_, task) =>
      'run' in task && usedTools(task.run ?? '') ? null : 'it has called nothing',
    ),
    sentence(/^checks of that commit: /, LOOKED_AT, () => 'nothing is built here'),
    sentence(/^it changes \d+ files?: /, LOOKED_AT, (_, { id }) =>
      (repository.branches.get(id) ?? []).length > 0 ? null : 'it has no commit',
    ),
    sentence(/^pulls\.verify (?:passed|failed)/, LOOKED_AT, () => (stage.policy.pulls.verify ? null : 'nothing is checked here')),
    sentence(/^pull #(\d+) (was merged|was closed)/, LOOKED_AT, ([, number, how]) => {
      const pull = forge.pulls.find((one) => one.number === Number(number));
      return pull?.state === (how === 'was merged' ? 'merged' : 'closed') ? null : `it is ${pull?.state ?? 'not there'}`;
    }),
    sentence(/^a round was under way: /, LOOKED_AT, (_, { runs }) => (runs > 1 ? null : 'it has had one run')),
    sentence(/^it asks: /, LOOKED_AT, (_, task) => (mayHaveCome(task.id, 'blocked') ? null : 'no agent of it asked')),
    sentence(/^asked by (w-\w+)$/, LOOKED_AT, ([, run = ''], { id }) => notOf(run, id)),
    sentence(/^it had \d+ runs? before; (\d+)\/(\d+) attempts used/, LOOKED_AT, ([, attempts, of], task) => {
      if (Number(of) !== stage.policy.attempts) return `there are ${stage.policy.attempts}`;
      return Number(attempts) > task.runs ? `it had ${task.runs} runs` : null;
    }),
    sentence(/^it never ran; 0\//, LOOKED_AT, (_, { runs }) => (runs === 0 ? null : `it had ${runs} runs`)),
    sentence(/^its last run is (w-\w+); (\d+)\/(\d+) attempts used/, LOOKED_AT, ([, run = '', attempts, of], task) => {
      if (Number(of) !== stage.policy.attempts) return `there are ${stage.policy.attempts}`;
      return Number(attempts) > task.runs ? `it had ${task.runs} runs` : notOf(run, task.id);
    }),
    sentence(/^([a-z_]+): /, LOOKED_AT, ([, type = ''], task) => (task.state === 'failed' ? notEndedBy(type, task) : 'it has not failed')),
  ];
}
