import { openMemoryStore } from '../../../src/adapters/store/memory.ts';
import type { Task, TaskId } from '../../../src/core/model/task.ts';
import { type Incident, MINUTE, type Verb } from '../incidents/incidents.ts';
import { STOP_BOUND } from '../judge/witness.ts';
import type { Stage } from '../stage.ts';

type OnMachine = Extract<Incident, { kind: 'command' | 'stop-file' | 'tree-gone' | 'signal' }>;

/** How long a command may go unanswered, nothing being wrong: what is under way may be waiting for its next try. */
const ANSWER_BOUND = 15 * MINUTE;

/** What people do at the machine: commands, STOP files, `kill`. */
export function actAtMachine(stage: Stage, incident: OnMachine): void {
  switch (incident.kind) {
    case 'command':
      return command(stage, incident.verb, incident.pick);
    case 'stop-file':
      return stopFile(stage, incident.pick);
    case 'tree-gone': {
      const trees = [...stage.repository.trees.keys()];
      const task = trees[Math.floor(incident.pick * trees.length)];
      return task === undefined ? undefined : stage.repository.vanish(task);
    }
    case 'signal': {
      const agents = [...stage.kernel.liveRuns()].flatMap((run) => stage.kernel.membersOf(run).filter(({ role }) => role === 'agent'));
      const agent = agents[Math.floor(incident.pick * agents.length)];
      if (agent === undefined || agent.run === null) return;
      stage.trace(() => `a person sends ${incident.signal} to pid ${agent.pid} (${agent.task})`);
      stage.conversations.disturb(agent.run);
      if (agent.task !== null) stage.ended.add(agent.task);
      return stage.kernel.signal(agent, incident.signal, 'person');
    }
  }
}

const FOR: Readonly<Record<Verb, readonly Task['state'][]>> = {
  ...{ stop: ['active'], kill: ['active'], cancel: ['active', 'pending', 'blocked'], tell: ['active', 'pending', 'failed'] },
  ...{ clean: [], retry: ['failed', 'blocked'], continue: ['failed', 'blocked'] },
  ...{ pause: [], 'pause-task': ['pending', 'active'], add: [], priority: ['pending'] },
};

function command(stage: Stage, verb: Verb, pick: number): void {
  const fit = [...stage.contents.tasks.values()].filter(({ state }) => FOR[verb].includes(state));
  const task = fit[Math.floor(pick * fit.length)]?.id ?? null;
  if (FOR[verb].length > 0 && task === null) return;
  switch (verb) {
    case 'continue':
    case 'retry':
      if (task !== null) stage.witness.rearmed(task);
      ask(stage, 'retry', task, verb === 'continue' ? { continue: true } : {});
      return;
    case 'pause':
      ask(stage, 'pause', null);
      stage.timeline.after(20 * MINUTE, () => ask(stage, 'resume', null));
      return;
    case 'pause-task':
      ask(stage, 'pause', task);
      stage.timeline.after(20 * MINUTE, () => ask(stage, 'resume', task));
      return;
    case 'tell': {
      const id = ask(stage, 'tell', task, { text: 'Mind the tests.' });
      return stage.letters.posted(id, task);
    }
    case 'clean':
      ask(stage, 'clean', null);
      return;
    case 'add':
      ask(stage, 'add', null, { title: `By command ${Math.floor(pick * 1e6)}` });
      return;
    case 'priority':
      if (task !== null) stage.wishes.delete(task);
      ask(stage, 'priority', task, { priority: Math.floor(pick * 40) % 4 });
      return;
    case 'stop':
    case 'kill':
    case 'cancel':
      ask(stage, verb, task);
  }
}

/** Asks as the command line does, and waits for the answer. */
export function ask(stage: Stage, verb: string, task: TaskId | null, args: Readonly<Record<string, unknown>> = {}): number {
  const id = openMemoryStore(stage.contents).ask({ verb, task, args, at: stage.timeline.wall() });
  if (verb === 'pause') stage.paused.add(task ?? 'fleet');
  if (verb === 'resume') stage.paused.delete(task ?? 'fleet');
  if (task !== null && (verb === 'stop' || verb === 'kill' || verb === 'cancel')) stage.ended.add(task);
  stage.trace(() => `a person asks: ${verb} ${task ?? ''}`);
  stage.judge.expect({
    invariant: 'every command is answered',
    within: ANSWER_BOUND,
    holds: () => stage.contents.requests.get(id)?.answer !== null,
    words: () => `nobody answers \`tac8 ${verb} ${task ?? ''}\` (request ${id})`,
  });
  stage.ring();
  return id;
}

/** A person touches STOP in a worktree in which something runs; where nothing does, in that of a task that has failed, which stops nothing. */
function stopFile(stage: Stage, pick: number): void {
  const trees = [...stage.repository.trees.keys()];
  const live = trees.filter((task) => stage.kernel.liveOf(task).some(({ role }) => role === 'agent'));
  const task = live[Math.floor(pick * live.length)];
  if (task === undefined) {
    const over = trees.filter((id) => stage.contents.tasks.get(id)?.state === 'failed');
    const late = over[Math.floor(pick * over.length)];
    if (late === undefined) return;
    stage.repository.write(late, 'STOP', 'too late');
    // Before that, also where the clock is set back meanwhile.
    Object.assign(stage.repository.trees.get(late) ?? {}, { stopAt: stage.timeline.wall() - 5 * MINUTE });
    return;
  }
  stage.ended.add(task);
  stage.repository.write(task, 'STOP', 'not like this');
  for (const { run } of stage.kernel.liveOf(task)) if (run !== null) stage.conversations.layStop(run);
  stage.bans.put(task, 'stop', 'a STOP file was put into its worktree', STOP_BOUND);
}
