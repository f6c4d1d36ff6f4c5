import type { Request } from '../model/records.ts';
import { isOwn, type Letter, type Run, type RunIn, type StreamFacts, type Tell } from '../model/run.ts';
import type { Ms } from '../model/seen.ts';
import type { TaskId } from '../model/task.ts';
import type { Draft } from '../tick/draft.ts';

/*
 * The way of a person's message to an agent:
 *
 *   letter ──▶ given to a run ──▶ about to be said ──▶ said ──▶ acknowledged
 *      ▲      (told)              (saying, durable)
 *      └────── the run ends before the agent acknowledged it (untold)
 *
 * Letters are kept with the fleet. A run in hand takes them over its stdin, the next run with its first message. A daemon that dies
 * between `saying` and the write leaves it open whether it was said: it is not said again, and either the agent's
 * acknowledgement tells, or it becomes a letter again when the run ends.
 */

/** An agent with nothing to do acknowledges at once; later than this it will not. */
const ACKNOWLEDGED_WITHIN: Ms = 10_000;

/** A name that no other message bears, also when the numbers of commands begin anew with an empty store. */
export function letterOf(request: Pick<Request, 'id' | 'at'>, text: string): Letter {
  const time = Math.max(0, request.at).toString(16).padStart(12, '0').slice(-12);
  const uuid = `${time.slice(0, 8)}-${time.slice(8)}-4000-8000-${request.id.toString(16).padStart(12, '0').slice(-12)}`;
  return { id: request.id, uuid, text, at: request.at };
}

export const lettersOf = (draft: Draft, task: TaskId): readonly Letter[] => draft.fleet.letters?.[task] ?? [];

export function keepLetters(draft: Draft, task: TaskId, more: readonly Letter[]): void {
  if (more.length > 0)
    setLetters(
      draft,
      task,
      [...lettersOf(draft, task), ...more].sort((a, b) => a.id - b.id),
    );
}

function setLetters(draft: Draft, task: TaskId, letters: readonly Letter[]): void {
  draft.changeFleet({ kind: 'letters', task, letters });
}

/** When the agent began with the message; null: it has not, as far as its words tell. */
export function takenAt(tell: Tell, run: Run, stream: StreamFacts): Ms | null {
  if (tell.via === 'input') return stream.heard?.[tell.uuid] ?? null;
  // Nobody reads the words of another agent: that it was started with the message is all that can be known.
  if (run.agent.can.words === 'none') return startedAt(run) ?? stream.firstEventAt;
  return stream.turns > 0 || stream.result !== null ? stream.firstEventAt : null;
}

/** The daemon may have died between the launch and its record, and the agent have ended before the next one looked. */
function startedAt(run: Run): Ms | null {
  if (!('startedAt' in run)) return null;
  return run.startedAt ?? ('exit' in run ? (run.exit?.at ?? null) : null);
}

const give = (draft: Draft, run: Run, via: Tell['via']): void => {
  const letters = lettersOf(draft, run.task);
  if (letters.length === 0) return;
  const tells = letters.map((letter): Tell => ({ ...letter, via, saidAt: null }));
  draft.run(run.id, { kind: 'told', tells }, via === 'input' ? 'to be said to the agent' : 'comes with the first message');
  setLetters(draft, run.task, []);
};

/** To a run that is about to be launched: its prompt holds them. Only before the first launch, else the prompt may be on its way. */
export const giveWithPrompt = (draft: Draft, run: RunIn<'starting'>): void => give(draft, run, 'prompt');

/** To a run in hand; what is due is said. Answers whether an action was asked for. */
export function sayLetters(draft: Draft, run: RunIn<'running'>, now: Ms): boolean {
  if (run.agent.can.steer === 'none' || run.inputEnded) return false;
  give(draft, run, 'input');
  const waiting = (draft.runs.get(run.id)?.tells ?? []).filter((tell) => tell.via === 'input' && tell.saidAt === null);
  const ids = waiting.filter((tell) => (tell.notBefore ?? 0) <= now).map(({ id }) => id);
  if (ids.length === 0) {
    for (const { notBefore } of waiting) draft.wake(notBefore ?? now);
    return false;
  }
  if (draft.isBusy(run.id)) return true;
  draft.run(run.id, { kind: 'saying', ids, at: now }, ids.length === 1 ? 'a message' : `${ids.length} messages`);
  draft.act({ kind: 'tell', run: run.id, task: run.task, ids });
  return true;
}

/** Nothing is on its way to the agent any more; else when to look again. */
export function awaitsNothing(run: Run, stream: StreamFacts, now: Ms): true | Ms {
  const open = (run.tells ?? []).filter((tell) => tell.via === 'input' && takenAt(tell, run, stream) === null);
  const until = Math.max(0, ...open.map(({ saidAt }) => (saidAt ?? now) + ACKNOWLEDGED_WITHIN));
  return until <= now ? true : until;
}

/** After the end: what the agent never began with is kept for the next run. */
export function takeBack(draft: Draft, run: RunIn<'ended'>, stream: StreamFacts): void {
  const lost = (run.tells ?? []).filter((tell) => !isOwn(tell) && takenAt(tell, run, stream) === null);
  if (lost.length === 0) return;
  draft.run(run.id, { kind: 'untold', ids: lost.map(({ id }) => id) }, 'kept for the next run');
  keepLetters(
    draft,
    run.task,
    lost.map(({ id, uuid, text, at, by }) => ({ id, uuid, text, at, ...(by === undefined ? {} : { by }) })),
  );
}
