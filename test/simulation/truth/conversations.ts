import type { StreamFacts } from '../../../src/core/run.ts';
import type { Ms } from '../../../src/core/seen.ts';
import type { RunId, TaskId } from '../../../src/core/task.ts';
import type { Stage } from '../stage.ts';
import type { Process, RunFolder } from './kernel.ts';
import { type Program, programOf, type Step, TAME, WILD } from './programs.ts';

/** What one run's agent said and did: its log, and what really became of it. */
export interface Conversation {
  readonly run: RunId;
  readonly program: Program;
  readonly log: { readonly end: number; readonly take: (facts: StreamFacts, now: Ms) => StreamFacts }[];
  /** What it may be judged as: what the worktree held before counts, too. */
  readonly expects: readonly string[];
  saidResult: boolean;
  isInputClosed: boolean;
  /** Anything but the agent's own doing had a part in its end. */
  isDisturbed: boolean;
}

/** The agents at work. */
export interface Conversations {
  readonly of: ReadonlyMap<RunId, Conversation>;
  begin(agent: Process, folder: RunFolder): void;
  /** Facts of the log from `facts.offset` on. */
  follow(run: RunId, facts: StreamFacts, now: Ms): StreamFacts;
  /** The line that asks it to end its turn. */
  interrupt(run: RunId): void;
  closeInput(run: RunId): void;
}

const LINE = 100;
const BEYOND_ALL_LIMITS = 3 * 1024 ** 3;

export function createConversations(stage: Stage): Conversations {
  const { timeline, kernel, repository } = stage;
  const all = new Map<RunId, Conversation>();
  const began = new Map<string, number>();

  const agentOf = (run: RunId): Process | undefined => kernel.membersOf(run).find(({ role }) => role === 'agent');

  function expected(program: Program, task: TaskId): readonly string[] {
    if (program.expects[0] !== 'no_pr' && program.name !== 'asks') return program.expects;
    const hasCommits = (repository.branches.get(task)?.length ?? 0) > 0;
    return [...program.expects, 'no_pr', ...(hasCommits ? ['done'] : [])];
  }

  function write(talk: Conversation, bytes: number, take: (facts: StreamFacts, now: Ms) => StreamFacts): void {
    talk.log.push({ end: (talk.log.at(-1)?.end ?? 0) + bytes, take });
    stage.ring();
  }

  function say(talk: Conversation, change: (facts: StreamFacts, now: Ms) => Partial<StreamFacts> = () => ({})): void {
    write(talk, LINE, (facts, now) => ({
      ...facts,
      events: facts.events + 1,
      firstEventAt: facts.firstEventAt ?? now,
      lastEventAt: now,
      session: facts.session ?? `session of ${talk.run}`,
      ...change(facts, now),
    }));
  }

  function sayResult(talk: Conversation, step: Extract<Step, { do: 'result' }>, terminalReason = 'completed'): void {
    talk.saidResult = true;
    const { text = 'Done.', status = null, cause, resetsIn } = step;
    const until = resetsIn === undefined ? null : timeline.wall() + resetsIn;
    say(talk, (_, now) => ({
      result: { isError: status !== null, subtype: 'success', terminalReason, apiErrorStatus: status, text, at: now },
      providerError: cause === undefined ? null : { status, cause, message: text },
      limitedUntil: until,
    }));
  }

  function take(talk: Conversation, agent: Process, step: Step): void {
    if (agent.task === null) return;
    switch (step.do) {
      case 'say':
        return say(talk, (facts) => ({ turns: facts.turns + 1, activity: 'Bash: npm test' }));
      case 'edit':
        return repository.edit(agent.task, talk.run);
      case 'commit':
        return repository.commit(agent.task, talk.run);
      case 'block':
        return repository.write(agent.task, 'BLOCKED.md', 'Which format?');
      case 'flood':
        return write(talk, BEYOND_ALL_LIMITS, (facts) => facts);
      case 'spend':
        return say(talk, () => ({ turns: 100_000 }));
      case 'result':
        sayResult(talk, step);
        return leaveIfDone(talk, agent);
      case 'exit':
        return kernel.end(agent, step.code);
    }
  }

  /** It leaves once its stdin has ended and its result is said. */
  function leaveIfDone(talk: Conversation, agent: Process): void {
    if (!talk.saidResult || !talk.isInputClosed || talk.program.ignores.has('stdin')) return;
    timeline.after(stage.random('leaves', talk.run).between(50, 2_000), () => kernel.end(agent, 0));
  }

  function play(talk: Conversation, agent: Process, at: number): void {
    const step = talk.program.steps[at];
    if (step === undefined) return;
    timeline.after(step.after, () => {
      if (kernel.find(agent.pid) !== agent) return;
      take(talk, agent, step);
      play(talk, agent, at + 1);
    });
  }

  return {
    of: all,
    begin(agent, folder) {
      const count = (began.get(folder.task) ?? 0) + 1;
      began.set(folder.task, count);
      const program = programOf(stage.random('program', folder.task, count), stage.isCalm() ? TAME : WILD);
      const talk: Conversation = { ...{ run: folder.run, program, log: [], expects: expected(program, folder.task) }, ...{ saidResult: false, isInputClosed: false, isDisturbed: false } };
      all.set(folder.run, talk);
      stage.trace(() => `agent of ${folder.run} (${folder.task}) comes up as pid ${agent.pid}: ${program.name}`);
      agent.hardness = program.hardness;
      agent.onSignal = (signal, by) => {
        if (by === 'person') talk.isDisturbed = true;
        if (signal === 'SIGKILL' || program.ignores.has(signal)) return;
        timeline.after(stage.random('dies', talk.run).between(1, 800), () => {
          if (kernel.find(agent.pid) !== agent) return;
          if (by === 'person') stage.witness.killedByPerson(talk.run);
          kernel.end(agent, signal === 'SIGINT' ? 130 : 143);
        });
      };
      for (let made = 0; made < program.children; made += 1) {
        kernel.spawn({ run: folder.run, task: folder.task, role: 'child', hardness: program.hardness });
      }
      stage.witness.cameUp(agent);
      play(talk, agent, 0);
    },
    follow(run, facts, now) {
      const talk = all.get(run);
      let next = facts;
      if (talk !== undefined && (talk.log.at(-1)?.end ?? 0) > facts.offset) {
        for (const { end, take: fold } of talk.log) if (end > facts.offset) next = { ...fold(next, now), offset: end };
      }
      return next;
    },
    interrupt(run) {
      const talk = all.get(run);
      const agent = agentOf(run);
      if (talk === undefined || agent === undefined || talk.saidResult || talk.program.ignores.has('interrupt')) return;
      timeline.after(300, () => {
        if (kernel.find(agent.pid) !== agent || talk.saidResult) return;
        sayResult(talk, { after: 0, do: 'result', text: 'Interrupted.' }, 'aborted_streaming');
        leaveIfDone(talk, agent);
      });
    },
    closeInput(run) {
      const talk = all.get(run);
      const agent = agentOf(run);
      if (talk === undefined || agent === undefined) return;
      talk.isInputClosed = true;
      leaveIfDone(talk, agent);
    },
  };
}

