import { takeStream } from '../limits/spending.ts';
import type { Failure } from '../model/failure.ts';
import type { Inspection, StreamFacts } from '../model/run.ts';
import type { Resume } from '../model/task.ts';
import { personsCause } from '../steer/racers.ts';
import { takeBack } from '../steer/tells.ts';
import { heldQuestion } from '../words/held-words.ts';
import { unsavedOf } from '../words/left-words.ts';
import { sanitiseLine } from '../words/sanitise.ts';
import type { Case } from './case.ts';
import { classify } from './classify.ts';
import { park } from './park.ts';
import { hasWaited } from './patience.ts';

const NOTHING: Inspection = { head: null, commits: 0, dirty: false, question: null };

/** How the run ended; answers whether that is known. */
export function judge({ draft, world, policy, run, now }: Case): boolean {
  // What it said last may stand in the part of the log that nobody could read yet.
  const unread = world.unread.get(run.id) ?? null;
  if (unread !== null && !hasWaited(draft, run, 'read its log', unread, now)) return false;
  const evidence = {
    unread,
    exit: run.exit,
    cause: run.cause,
    stream: withEarlier(world.streams.get(run.id) ?? run.stream, run.resumes),
    inspection: run.settlement.inspection ?? NOTHING,
    can: run.agent.can,
    rebooted: run.rebooted,
    failedStart: run.failedStart,
  };
  const judged = classify(evidence, now);
  const seen = (failure: Failure): Failure =>
    whole(failure.cause === 'person' ? { ...failure, cause: personsCause(draft.tasks, run.task) } : failure, run);
  if (unread !== null && run.agent.can.words === 'read') takeStream(draft, world, run, withMore(run.stream));
  const outcome = judged.kind === 'failed' ? { ...judged, failure: park(draft, policy, run, seen(judged.failure), now) } : judged;
  const words = outcome.kind === 'failed' ? `${outcome.failure.type}: ${outcome.failure.message}` : outcome.kind;
  takeBack(draft, run, evidence.stream);
  draft.run(run.id, { kind: 'step', done: { outcome } }, words);
  return true;
}

/** Whoever goes on and makes no commit at all has the same in the way as before. */
const withEarlier = (stream: StreamFacts, resumes: Resume | null): StreamFacts =>
  stream.commitRefused !== undefined || resumes?.refused === undefined ? stream : { ...stream, commitRefused: resumes.refused };

/** What nobody could read of its log may have cost something: what was read of it is never all. */
const withMore = (stream: StreamFacts): StreamFacts => ({
  ...stream,
  spend: { ...stream.spend, logsUnread: 1 },
});

/** With what no snapshot holds. */
export function whole(failure: Failure, { settlement: { saved } }: Pick<Case['run'], 'settlement'>): Failure {
  return saved?.incomplete === undefined ? failure : { ...failure, message: `${failure.message}; ${unsavedOf(saved.incomplete)}` };
}

/** Red checks make a failure of what the agent called done. */
export function reject({ draft, run, now }: Case): boolean {
  const message = `pulls.verify is red: ${run.settlement.verified?.output.trim().split('\n').at(-1) ?? ''}`;
  const afresh = !run.agent.can.resume || run.stream.session === null;
  const failure = { type: 'validation_error', message, at: now, ...(afresh ? { afresh: true as const } : {}) } as const;
  draft.run(run.id, { kind: 'step', done: { outcome: { kind: 'failed', failure, resumable: true } } }, message);
  draft.again();
  return false;
}

/** Commits of somebody else on the branch are never overwritten: the agent brings its own after them. */
export function makeWay({ draft, run, now }: Case): boolean {
  const { commit, by } = run.settlement.overtaken ?? { commit: '', by: [] };
  const who = by.length === 0 ? 'somebody' : by.map((name) => sanitiseLine(name, 40)).join(', ');
  const message = `the branch at the remote has commits of ${who} (${commit.slice(0, 7)}) that this work does not have: they stay, so this work has to be rebased onto them`;
  const afresh = !run.agent.can.resume || run.stream.session === null;
  const failure = { type: 'delivery_error', message, at: now, ...(afresh ? { afresh: true as const } : {}) } as const;
  draft.run(run.id, { kind: 'step', done: { outcome: { kind: 'failed', failure, resumable: true } } }, message);
  draft.again();
  return false;
}

/** What is held waits for a person: the agent itself has no say in it. */
export function hold({ draft, run }: Case): boolean {
  const question = heldQuestion(run.task, run.settlement.held?.paths ?? []);
  draft.run(run.id, { kind: 'step', done: { outcome: { kind: 'blocked', question } } }, question);
  draft.again();
  return false;
}
