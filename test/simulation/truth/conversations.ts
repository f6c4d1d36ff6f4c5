import type { StreamFacts } from '../../../src/core/model/run.ts';
import type { Ms } from '../../../src/core/model/seen.ts';
import type { RunId, TaskId } from '../../../src/core/model/task.ts';
import { advance } from '../../../src/transcript/facts/facts.ts';
import { MINUTE } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import type { Process, RunFolder } from './kernel.ts';
import { expectedOf, type Program, programOf, type Step, TAME, WILD } from './programs.ts';
import { type Said, turnEnd, voiceOf } from './voice.ts';

/** A line on an agent's stdin. */
export type Line = { readonly kind: 'interrupt' } | { readonly kind: 'message'; readonly uuid: string };

/** What one run's agent said and did: its log, and what really became of it. */
export interface Conversation {
  readonly run: RunId;
  readonly program: Program;
  /** What it may be judged as: what the worktree held before counts, too. */
  readonly expects: readonly string[];
  readonly log: { readonly end: number; readonly event: Said | null }[];
  /** Its words are read; of a command nobody hears any. */
  readonly isRead: boolean;
  /** Messages in its prompt: it begins with them when it says its first word. */
  letters: readonly string[];
  /** Messages it has and did not begin with yet. */
  readonly queued: string[];
  /** All that it gave, and those of this turn. */
  replies: number;
  repliesOfTurn: number;
  isAtRest: boolean;
  isInputClosed: boolean;
  mayUseTools: boolean;
  /** Anything but the agent's own doing had a part in its end. */
  isDisturbed: boolean;
  isStopLaid: boolean;
}

/** The agents at work. */
export interface Conversations {
  readonly of: ReadonlyMap<RunId, Conversation>;
  begin(agent: Process, folder: RunFolder): void;
  /** Facts of the log from `facts.offset` on. */
  follow(run: RunId, facts: StreamFacts, now: Ms): StreamFacts;
  say(run: RunId, line: Line): void;
  /** Its hooks let it begin no further tool. */
  forbidTools(run: RunId): void;
  closeInput(run: RunId): void;
  /** From now on nothing is to be concluded from how it ends. */
  disturb(run: RunId): void;
  /** A person puts a STOP file before it. */
  layStop(run: RunId): void;
  disturbAll(): void;
}

const LINE = 100;
const BEYOND_ALL_LIMITS = 3 * 1024 ** 3;

export function createConversations(stage: Stage): Conversations {
  const { timeline, kernel, repository, policy, contents } = stage;
  const all = new Map<RunId, Conversation>();
  const began = new Map<TaskId, number>();
  const agentOf = (run: RunId): Process | undefined => kernel.membersOf(run).find(({ role }) => role === 'agent');
  const taskOf = ({ run }: Conversation): TaskId | undefined => kernel.folders.get(run)?.task;
  const lives = (agent: Process): boolean => kernel.find(agent.pid) === agent;

  function write(talk: Conversation, event: Said | null, bytes = LINE): void {
    talk.log.push({ end: (talk.log.at(-1)?.end ?? 0) + bytes, event });
    stage.ring();
  }

  function beginWithLetters(talk: Conversation): void {
    for (const uuid of talk.letters) stage.letters.taken(uuid, taskOf(talk));
    talk.letters = [];
  }

  /** The next words of its turn; a turn begins with the session's name. */
  function speak(talk: Conversation, event: Said): void {
    const voice = voiceOf(talk.run);
    beginWithLetters(talk);
    if (!talk.isRead) return write(talk, voice.raw());
    if (talk.isAtRest || talk.log.length === 0) write(talk, voice.session());
    talk.isAtRest = false;
    write(talk, event);
  }

  function reply(talk: Conversation): void {
    const turn = talk.log.length;
    speak(talk, voiceOf(talk.run).text(turn));
    if (!talk.isRead) return;
    write(talk, voiceOf(talk.run).counted(turn));
    talk.replies += 1;
    talk.repliesOfTurn += 1;
  }

  function rest(talk: Conversation, agent: Process, step: Omit<Extract<Step, { do: 'result' }>, 'do' | 'after'>, reason?: string): void {
    const { text, status, cause, resetsIn } = step;
    if (!talk.isRead) return kernel.end(agent, status === undefined ? 0 : 1);
    const voice = voiceOf(talk.run);
    if (cause !== undefined) write(talk, voice.refused(cause));
    if (resetsIn !== undefined) write(talk, voice.limited(timeline.wall() + resetsIn));
    talk.isAtRest = true;
    write(talk, turnEnd(text ?? 'Done.', status ?? null, talk.repliesOfTurn, reason));
    talk.repliesOfTurn = 0;
    const next = talk.queued.shift();
    if (next !== undefined) takeUp(talk, agent, next);
    else leaveIfDone(talk, agent);
  }

  /** It begins with a message, and answers. */
  function takeUp(talk: Conversation, agent: Process, uuid: string): void {
    speak(talk, voiceOf(talk.run).lifecycle(uuid, 'started'));
    stage.letters.taken(uuid, taskOf(talk));
    timeline.after(2_000, () => lives(agent) && !talk.isAtRest && rest(talk, agent, {}));
  }

  /** It leaves once its stdin has ended and its turn is over. */
  function leaveIfDone(talk: Conversation, agent: Process): void {
    if (!talk.isAtRest || !talk.isInputClosed || talk.program.ignores.has('stdin')) return;
    timeline.after(stage.random('leaves', talk.run).between(50, 900), () => kernel.end(agent, 0));
  }

  /** Its hooks stand before and after each tool: forbidden, or a STOP file in its worktree, they end the turn. */
  function isStopped(talk: Conversation, agent: Process): boolean {
    const stop = agent.task === null ? null : (repository.trees.get(agent.task)?.stop ?? null);
    if (!talk.isRead || talk.program.ignores.has('interrupt') || (talk.mayUseTools && stop === null)) return false;
    talk.isDisturbed = true;
    rest(talk, agent, {}, 'hook_stopped');
    return true;
  }

  function useTool(talk: Conversation, agent: Process, step: Step, done: () => void): void {
    if (isStopped(talk, agent)) return;
    const voice = voiceOf(talk.run);
    const id = `tool ${talk.log.length}`;
    if (talk.isRead) speak(talk, voice.tool(id));
    timeline.after(stage.random('tool', talk.run, talk.log.length).between(200, MINUTE), () => {
      if (!lives(agent) || talk.isAtRest || agent.task === null) return;
      if (step.do === 'edit') repository.edit(agent.task, talk.run);
      else repository.commit(agent.task);
      speak(talk, voice.toolEnd(id));
      if (!isStopped(talk, agent)) done();
    });
  }

  /** Its provider lets its login have nothing more, whatever it was about to do. */
  function isCutOff(talk: Conversation, agent: Process): boolean {
    const { providers, contents } = stage;
    const until = stage.isCalm() ? null : (providers?.limitedUntil(contents.runs.get(talk.run)?.agent.login, timeline.wall()) ?? null);
    if (until === null) return false;
    Object.assign(talk, { expects: ['usage_limit'] });
    if (talk.log.length === 0) write(talk, voiceOf(talk.run).session());
    rest(talk, agent, { text: 'refused', status: 429, cause: 'rate_limit', resetsIn: until - timeline.wall() });
    timeline.after(1_000, () => lives(agent) && kernel.end(agent, 1));
    return true;
  }

  function take(talk: Conversation, agent: Process, step: Step, next: () => void): void {
    if (step.do !== 'exit' && isCutOff(talk, agent)) return;
    switch (step.do) {
      case 'say':
        reply(talk);
        return next();
      case 'edit':
      case 'commit':
        return useTool(talk, agent, step, next);
      case 'block':
        if (agent.task !== null) repository.write(agent.task, 'BLOCKED.md', 'Which format?');
        return next();
      case 'flood':
        write(talk, null, BEYOND_ALL_LIMITS);
        return next();
      case 'spend':
        for (let turn = 0; turn <= policy.limits.turns; turn += 1) reply(talk);
        return next();
      case 'result':
        rest(talk, agent, step);
        return next();
      case 'exit':
        return kernel.end(agent, step.code);
    }
  }

  function play(talk: Conversation, agent: Process, at: number): void {
    const step = talk.program.steps[at];
    if (step === undefined) return;
    timeline.after(step.after, () => {
      // Whoever ended its turn meanwhile ended its work, too.
      if (lives(agent) && (!talk.isAtRest || step.do === 'exit')) take(talk, agent, step, () => play(talk, agent, at + 1));
    });
  }

  return {
    of: all,
    begin(agent, folder) {
      const count = (began.get(folder.task) ?? 0) + 1;
      began.set(folder.task, count);
      const program = programOf(stage.random('program', folder.task, count), stage.isCalm() ? TAME : (stage.wild ?? WILD));
      const hasCommits = (repository.branches.get(folder.task)?.length ?? 0) > 0;
      const isRead = (contents.runs.get(folder.run)?.agent ?? policy.agent).can.words === 'read';
      const talk: Conversation = {
        ...{
          isRead,
          run: folder.run,
          program,
          expects: expectedOf(program, { isRead, hasCommits }),
          log: [],
          queued: [],
          letters: folder.letters,
        },
        ...{
          isAtRest: false,
          isInputClosed: false,
          mayUseTools: true,
          isDisturbed: false,
          isStopLaid: false,
          replies: 0,
          repliesOfTurn: 0,
        },
      };
      all.set(folder.run, talk);
      stage.trace(() => `agent of ${folder.run} (${folder.task}) comes up as pid ${agent.pid}: ${program.name}`);
      agent.hardness = program.hardness;
      agent.onSignal = (signal, by) => {
        if (by === 'person') talk.isDisturbed = true;
        if (signal === 'SIGKILL' || program.ignores.has(signal)) return;
        timeline.after(stage.random('dies', talk.run).between(1, 800), () => {
          if (!lives(agent)) return;
          if (by === 'person') stage.witness.killedByPerson(talk.run);
          kernel.end(agent, signal === 'SIGINT' ? 130 : 143);
        });
      };
      for (let made = 0; made < program.children; made += 1) {
        kernel.spawn({ run: folder.run, task: folder.task, role: 'child', hardness: program.hardness });
      }
      stage.witness.cameUp(agent);
      // Of a command nobody hears whether it read its prompt: started with it, it has it.
      if (!isRead) beginWithLetters(talk);
      play(talk, agent, 0);
    },
    follow(run, facts, now) {
      const log = all.get(run)?.log ?? [];
      let next = facts;
      if ((log.at(-1)?.end ?? 0) <= facts.offset) return facts;
      for (const { end, event } of log) {
        if (end > next.offset) next = advance(next, event === null ? [] : [{ at: null, parent: null, ...event }], end - next.offset, now);
      }
      return next;
    },
    say(run, line) {
      const talk = all.get(run);
      const agent = agentOf(run);
      if (talk === undefined || agent === undefined || talk.program.ignores.has('interrupt') || talk.log.length === 0) return;
      if (line.kind === 'interrupt') {
        if (talk.isAtRest) return;
        talk.isDisturbed = true;
        timeline.after(
          300,
          () => lives(agent) && !talk.isAtRest && rest(talk, agent, { text: 'Interrupted.', status: 0 }, 'aborted_streaming'),
        );
        return;
      }
      write(talk, voiceOf(run).lifecycle(line.uuid, 'queued'));
      if (talk.isAtRest && !talk.isInputClosed) takeUp(talk, agent, line.uuid);
      else talk.queued.push(line.uuid);
    },
    forbidTools(run) {
      const talk = all.get(run);
      if (talk !== undefined) talk.mayUseTools = false;
    },
    closeInput(run) {
      const talk = all.get(run);
      const agent = agentOf(run);
      if (talk === undefined || agent === undefined) return;
      talk.isInputClosed = true;
      leaveIfDone(talk, agent);
    },
    disturb(run) {
      const talk = all.get(run);
      if (talk !== undefined) talk.isDisturbed = true;
    },
    layStop(run) {
      const talk = all.get(run);
      if (talk !== undefined) Object.assign(talk, { isDisturbed: true, isStopLaid: true });
    },
    disturbAll() {
      for (const talk of all.values()) talk.isDisturbed = true;
    },
  };
}
