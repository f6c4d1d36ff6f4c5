import { agentCalled } from '../agent/which.ts';
import { EMPTY_STREAM, type Run } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import { issueNumber, racerName, stateWords, type TaskId } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';
import type { Policy } from '../tick/policy.ts';
import type { Stray, World } from '../tick/world.ts';
import { newTask } from '../voices/intake.ts';

/**
 * Workers that live though the store does not know them are taken up as if it did: supervised, stopped, judged and settled like any other.
 * One that cannot be is left alone and shown, and nothing is started for its task while it lives.
 */
export function takeStrays(draft: Draft, world: World, policy: Policy, now: Ms): void {
  if (!world.strays.known) {
    if (world.strays.since > 0) draft.note(null, `tac8 does not know what still runs here: ${world.strays.because}`);
    return;
  }
  for (const stray of world.strays.value) {
    const why = whyLeftAlone(draft, stray);
    if (why === null) adopt(draft, policy, stray, now);
    else draft.note(stray.task, `${whatLives(stray)}, and is left alone: ${why}; \`kill ${stray.process.pid}\` ends it`);
  }
}

/** Strays that are nobody's, or another run's task: while they live nothing may be started in their place. */
export const strayOf = (world: World, task: TaskId | null): Stray | undefined =>
  world.strays.known ? world.strays.value.find((stray) => stray.task === task) : undefined;

export const whatLives = ({ run, process, members }: Stray): string =>
  `${run} still lives (pid ${process.pid}${members > 1 ? `, ${members} processes` : ''})`;

function whyLeftAlone(draft: Draft, stray: Stray): string | null {
  if (stray.task === null) return 'nothing tells for which task it runs';
  if (stray.isOver) return 'its run is over';
  if (stray.baseCommit === null) return 'git cannot tell what its branch was made from';
  const task = draft.tasks.get(stray.task);
  if (task === undefined || task.state === 'pending') return null;
  return task.state === 'active' ? `${task.run} is at work on the task` : `the task is ${stateWords(task.state)}`;
}

function adopt(draft: Draft, policy: Policy, stray: Stray, now: Ms): void {
  const { run: id, task, baseCommit, branch, startedAt, process } = stray;
  if (task === null || baseCommit === null) return;
  const named = racerName(task);
  const why = `${whatLives(stray)}, though the database does not know it: taken up`;
  if (!draft.tasks.has(task)) {
    const armedBy = issueNumber(task) === null ? 'person' : 'label';
    const made = newTask(task, stray.title ?? task, policy, now, { armedBy, addedAt: startedAt });
    draft.addTask(named === null ? made : { ...made, agent: named }, why);
  }
  const run: Run = {
    id,
    task,
    attempt: (draft.tasks.get(task)?.attempts ?? 0) + 1,
    createdAt: startedAt,
    // Its own name for the conversation stands in its log, which is read from the beginning.
    session: '',
    resumes: null,
    wanted: null,
    inputEnded: false,
    // Of several attempts each says by its name who makes it.
    agent: { ...((named === null ? null : agentCalled(policy, named)) ?? policy.agent), model: null },
    stream: EMPTY_STREAM,
    settlement: {},
    problem: null,
    version: 1,
    state: 'running',
    baseCommit,
    process,
    startedAt,
  };
  draft.task(task, { kind: 'started', run: id, at: startedAt, ...(branch === null ? {} : { branch }) }, why);
  draft.addRun(run);
}
