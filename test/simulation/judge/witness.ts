import type { Dependency, Issue } from '../../../src/core/model/forge.ts';
import type { Commit } from '../../../src/core/model/records.ts';
import type { Outcome, Run } from '../../../src/core/model/run.ts';
import { issueNumber, type RunId, rootOf, type Task, type TaskId } from '../../../src/core/model/task.ts';
import { RETRY_RULES } from '../../../src/core/settle/retry.ts';
import { STOP_FILE } from '../../../src/core/steer/verbs.ts';
import { LABEL_GONE } from '../../../src/core/voices/intake.ts';
import { MINUTE } from '../incidents/incidents.ts';
import type { Stage } from '../stage.ts';
import type { Process } from '../truth/kernel.ts';
import { createParking } from './parking.ts';
import { createWaiting } from './waiting.ts';

/** Sees what happens, and holds it against what may happen. */
export interface Witness {
  cameUp(agent: Process): void;
  killedByPerson(run: RunId): void;
  /** How the run's agent ended stands on disk. */
  recorded(run: RunId): void;
  /** The engine was given the complete list of labelled issues. */
  delivered(issues: readonly Issue[]): void;
  /** The engine was told what the issue depends on. */
  answered(issue: number, dependencies: readonly Dependency[]): void;
  committed(commit: Commit): void;
  /** A person wants the task to run, by whatever way. */
  rearmed(task: TaskId): void;
  /** So many runs were ended by a limit of their provider. */
  cutOff(): number;
  rebooted(): void;
  /** What was written down is gone. */
  forgotten(): void;
  /** git would not make or keep the worktree of the task. */
  gitRefused(task: TaskId): void;
  /** The push of the task's work, or its pull, was refused. */
  deliveryRefused(task: TaskId): void;
  /** The tasks of which that happened at any time. */
  readonly undelivered: ReadonlySet<TaskId>;
  /** The daemon was told to start nothing new; false: a new one runs. */
  draining(isDraining: boolean): void;
}

export const STOP_BOUND = 3 * MINUTE;
const PERSONS: ReadonlySet<string> = new Set(['stopped', 'killed', 'cancelled']);
const LABEL_AGE = 15 * MINUTE;
/** What is said of a task that had not begun. */
const UNWANTED = /^(?:issue gone|issue closed|label removed)/;

interface Burned {
  sure: number;
  possible: number;
  unlimited: number;
}

const word = (outcome: Outcome): string => (outcome.kind === 'failed' ? outcome.failure.type : outcome.kind);

export function createWitness(stage: Stage): Witness {
  const { judge, kernel, bans, policy, contents, forge, conversations } = stage;
  const signalled = new Set<RunId>();
  const ended = new Set<RunId>();
  const judged = new Set<RunId>();
  const wanted = new Set<TaskId>();
  /** Per task since it was last armed: runs that surely used an attempt up, runs that may have by how the agent ended, and all that no limit ended. */
  const burned = new Map<TaskId, Burned>();
  const refused = new Set<TaskId>();
  const undelivered = new Set<TaskId>();
  const rounds = new Set<string>();
  /** Runs that a limit ended, by the tasks that had no other since. */
  const cutOff = new Map<TaskId, Run>();
  let cutOffs = 0;
  const parking = createParking(stage);
  const waiting = createWaiting(stage);
  /** The runs there were when it was told to start no more; null: it was not. */
  let beforePause: ReadonlySet<RunId> | null = null;
  let beforeDrain: ReadonlySet<RunId> | null = null;
  const known = (): ReadonlySet<RunId> => new Set(contents.runs.keys());

  const isPersons = (task: TaskId): boolean => contents.tasks.get(task)?.armedBy === 'person';
  const tally = (task: TaskId): Burned => {
    const found = burned.get(task) ?? { sure: 0, possible: 0, unlimited: 0 };
    burned.set(task, found);
    return found;
  };

  function sawEnd(run: Run): void {
    if (run.state !== 'ended' || ended.has(run.id)) return;
    ended.add(run.id);
    const live = kernel.membersOf(run.id);
    if (live.length > 0)
      judge.broken('unknown is not absent', `${run.id} (${run.task}) is taken for ended while ${live.length} of its processes live`);
  }

  /** What the run is judged as, if nobody but the agent had a part in it. */
  function sawOutcome(run: Run): void {
    const outcome = run.settlement.outcome;
    if (outcome === undefined || judged.has(run.id)) return;
    judged.add(run.id);
    const rule = outcome.kind === 'failed' ? RETRY_RULES[outcome.failure.type].kind : null;
    if (rule === 'backoff') tally(run.task).sure += 1;
    if (rule === 'backoff' || rule === 'once' || rule === 'mended') tally(run.task).possible += 1;
    if (word(outcome) !== 'usage_limit') tally(run.task).unlimited += 1;
    if (word(outcome) === 'worktree_error' && !refused.delete(run.task))
      judge.broken('the status never lies', `${run.id} (${run.task}) is judged "worktree_error", but git never refused`);
    const talk = conversations.of.get(run.id);
    if (talk === undefined) return;
    parking.judged(run, talk);
    sawCutOff(run, word(outcome), talk.isDisturbed);
    if ('cause' in run && run.cause?.by === STOP_FILE && !talk.isStopLaid)
      judge.broken('stop means stop', `${run.id} (${run.task}) is stopped by a STOP file that nobody laid for it`);
    const cause = 'cause' in run ? run.cause : run.wanted;
    if (talk.isDisturbed || PERSONS.has(cause?.type ?? '')) return;
    // Its log could not be read for long: then that is said, and nothing else.
    const judgedAs = word(outcome);
    if (judgedAs === 'worktree_error') return;
    if ((judgedAs === 'unknown' || judgedAs === 'timeout') && stage.troubles.refuses('agents.follow')) return;
    // That git refused was looked at above: what the agent came to nobody could see.
    if (judgedAs === 'worktree_error') return;
    if (!talk.expects.includes(judgedAs))
      judge.broken('the status never lies', `${run.id}, an agent that ${talk.program.name}, is judged "${judgedAs}"`);
  }

  function sawCutOff(run: Run, judgedAs: string, isDisturbed: boolean): void {
    if (judgedAs !== 'usage_limit') return;
    cutOffs += 1;
    if (!isDisturbed && stage.providers !== null) cutOff.set(run.task, run);
  }

  /** With the login that was cut off the same conversation goes on. */
  function sawNext(task: TaskId, run: Run | undefined): void {
    const before = cutOff.get(task);
    cutOff.delete(task);
    if (before === undefined || run === undefined || run.agent.login !== before.agent.login) return;
    if (run.resumes?.run !== before.id)
      judge.broken('a limit’s end resumes the conversation', `${run.id} of ${task} does not go on where ${before.id} was`);
  }

  function sawTask(task: Task): void {
    if (task.attempts > policy.attempts)
      judge.broken('everything ends', `${task.id} has used ${task.attempts} attempts of ${policy.attempts}`);
    const { unlimited } = tally(task.id);
    if (stage.providers !== null && task.attempts > unlimited)
      judge.broken(
        'a usage limit burns no attempt',
        `${task.id} has used ${task.attempts} attempts in ${unlimited} runs that no limit ended`,
      );
    if (task.state === 'failed' && (task.failure.by === LABEL_GONE || UNWANTED.test(task.failure.message))) sawLabelGone(task.id);
    // Of several attempts each has used its own.
    if (task.state !== 'failed' || task.race !== undefined || RETRY_RULES[task.failure.type].kind !== 'backoff') return;
    const { possible } = tally(task.id);
    if (possible < policy.attempts) {
      judge.broken('a usage limit burns no attempt', `${task.id} failed for good after ${possible} attempts: ${task.failure.type}`);
    }
  }

  /** Of a pull one person at most says something, and once. */
  function sawRound(task: TaskId): void {
    const number = contents.tasks.get(task)?.pull?.number ?? 0;
    if (forge.reviews(number).length === 0)
      judge.broken('each effect happens once', `${task} goes on though nobody said anything of pull #${number}`);
    if (rounds.has(`${task} #${number}`))
      judge.broken('each effect happens once', `${task} goes on a second time after one review of pull #${number}`);
    rounds.add(`${task} #${number}`);
    burned.delete(task);
  }

  /** Said of an issue that bears the label, and has borne it for as long as anybody can have looked. */
  function sawLabelGone(task: TaskId): void {
    const issue = forge.issues.get(issueNumber(task) ?? 0);
    if (issue === undefined || !issue.isOpen || !issue.isLabelled || issue.wentAt !== null) return;
    judge.broken('unknown is not absent', `${task} is cancelled because its label is gone, which it never was`);
  }

  function sawAnswer(id: number, ok: boolean): void {
    const request = contents.requests.get(id);
    if (request === undefined || !ok) return;
    const { verb, task } = request;
    if (verb === 'pause' && task === null) beforePause = known();
    if (verb === 'resume' && task === null) beforePause = null;
    if (verb === 'resume' || verb === 'retry') parking.checked();
    if (task === null) return;
    if (verb === 'resume') stage.foreign.delete(task);
    if (verb === 'retry') bans.lift(task);
    if (verb === 'stop' || verb === 'kill') bans.put(task, 'stop', `\`tac8 ${verb}\` was answered with yes`, 0);
    if (verb === 'cancel') bans.put(task, 'cancel', '`tac8 cancel` was answered with yes', 0);
  }

  return {
    cameUp(agent) {
      const { task, run } = agent;
      if (task === null || run === null) return;
      const others = kernel.liveOf(task).filter((process) => process.run !== run);
      if (others.length > 0)
        judge.broken('one live worker per task', `${run} of ${task} starts while ${others.length} processes of ${others[0]?.run} live`);
      const runs = kernel.liveRuns();
      if (runs.size > policy.slots) judge.broken('never more workers than slots', `${runs.size} runs live in ${policy.slots} slots`);
      const unsaved = stage.repository.unsaved(task);
      if (unsaved.length > 0)
        judge.broken('no work is lost', `${run} starts in a worktree of ${task} with ${unsaved.length} edits that are saved nowhere`);
      if (beforePause?.has(run) === false) judge.broken('stop means stop', `${run} starts while everything is paused`);
      if (beforeDrain?.has(run) === false) judge.broken('stop means stop', `${run} starts though the daemon was told to start nothing new`);
      parking.started(run, task);
      sawNext(task, contents.runs.get(run));
      if (tally(task).sure >= policy.attempts) judge.broken('everything ends', `${run} is more than attempt ${policy.attempts} of ${task}`);
      const issue = forge.issues.get(issueNumber(task) ?? 0);
      const decided = contents.runs.get(run)?.createdAt ?? 0;
      if (issue?.labelled.by === 'eve' && !isPersons(task) && issue.labelled.at < decided - LABEL_AGE && stage.timeline.wall() >= decided) {
        judge.broken('only people with write access start work', `${run} of ${task} starts, labelled by eve`);
      }
    },
    killedByPerson: (run) => void signalled.add(run),
    recorded(run) {
      if (!signalled.delete(run)) return;
      const row = contents.runs.get(run);
      if (row?.state === 'running' && row.wanted === null) bans.put(row.task, 'stop', 'a person killed it', STOP_BOUND);
    },
    answered: waiting.answered,
    delivered(issues) {
      waiting.delivered(issues);
      const listed = new Set(issues.map(({ number }) => number));
      for (const { number } of forge.issues.values()) {
        const task: TaskId = `gh-${number}`;
        const state = contents.tasks.get(task)?.state;
        const isOpen = state === 'pending' || state === 'active' || state === 'blocked';
        if (!isOpen || listed.has(number) || bans.has(task) || isPersons(task)) continue;
        bans.put(task, 'label', 'its label is gone from a complete list', STOP_BOUND);
      }
    },
    committed(commit) {
      for (const { next } of commit.runs ?? []) {
        sawEnd(next);
        sawOutcome(next);
      }
      // Several attempts at a task are wanted as it is.
      const begun = (commit.history ?? []).flatMap(({ task, event }) => (event === 'raced' && task !== null ? [rootOf(task)] : []));
      const families = new Set<TaskId>(begun);
      for (const { task, event } of commit.history ?? []) {
        if (event === 'started' && task !== null) waiting.started(task);
        if (event === 'round' && task !== null) sawRound(task);
        if (event !== 'rearmed' || task === null) continue;
        const isWanted = families.has(rootOf(task)) || wanted.delete(task) || wanted.delete(rootOf(task));
        families.add(rootOf(task));
        if (!isWanted) judge.broken('stop means stop', `${task} is armed again though nobody asked for it`);
        burned.delete(task);
        // A fresh attempt, by a person's word, begins a conversation of its own.
        const armed = commit.tasks?.find(({ next }) => next.id === task)?.next;
        const begun = armed?.state === 'active' ? commit.runs?.find(({ next }) => next.id === armed.run)?.next : undefined;
        if ((armed?.state === 'pending' && armed.resume === null) || begun?.resumes === null) cutOff.delete(task);
      }
      for (const { next } of commit.tasks ?? []) sawTask(next);
      for (const { id, ok } of commit.answers ?? []) sawAnswer(id, ok);
      for (const task of stage.foreign) {
        if (contents.tasks.get(task)?.pausedAt === null) judge.broken('one writer', `what somebody else wrote of ${task} is overwritten`);
      }
    },
    rearmed: (task) => void wanted.add(task),
    cutOff: () => cutOffs,
    gitRefused: (task) => void refused.add(task),
    deliveryRefused: (task) => void undelivered.add(task),
    undelivered,
    draining(isDraining) {
      beforeDrain = isDraining ? known() : null;
    },
    forgotten() {
      for (const part of [signalled, wanted, refused]) part.clear();
      rounds.clear();
      burned.clear();
      cutOff.clear();
      ended.clear();
      judged.clear();
      beforePause = null;
      parking.checked();
    },
    rebooted() {
      signalled.clear();
      conversations.disturbAll();
    },
  };
}
