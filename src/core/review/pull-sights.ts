import type { Pull, ReviewDecision } from '../model/forge.ts';
import type { Ms, Seen } from '../model/seen.ts';
import { readBranch, type Task, type TaskId } from '../model/task.ts';
import { type ChecksSummary, type CommitChecks, summariseChecks } from './checks.ts';
import type { LetGo } from './merging.ts';

/** What is known of a task's pull. Kept in the store under the fact `pulls`, so that it can be told while no daemon runs. */
export interface PullSight {
  readonly task: TaskId;
  readonly number: number;
  readonly state: Pull['state'];
  readonly draft: boolean;
  /** What its reviews come to; none: nothing is asked for or wanted, or it was not told. */
  readonly review?: ReviewDecision;
  /** Its head. */
  readonly commit: string;
  /** When all of this was so. */
  readonly at: Ms;
  /** When anything of it last changed, by the forge's clock; none: it did not say. */
  readonly changedAt?: Ms;
  /** What tac8 did with it once it was green, and at which head: a person who takes that back is not overruled. */
  readonly advanced?: { readonly step: 'ready' | 'merge'; readonly commit: string };
  /** The forge was asked to merge it, or was about to be, and that was not taken back since; false: it was, or was none of ours. None: see `isAsked`. */
  readonly asked?: boolean;
  /** It is merged, and what becomes of its branch at the forge is settled. */
  readonly tidied?: true;
  /** It was ready before: somebody has made a draft of it again. */
  readonly redrafted?: true;
  /** It was closed before: somebody has opened it again. */
  readonly reopened?: true;
  /** Why it is not merged though it is green and is to be, at which head, and since when; none: nothing is known to be in its way. */
  readonly unmerged?: {
    readonly commit: string;
    readonly why: string;
    readonly since: Ms;
    readonly letGo?: LetGo;
    /** Nobody wants the merge any more, and the forge was told so; false: it could not be told, and may merge it still. */
    readonly takenBack?: boolean;
  };
  /** Of that head; null: nobody has asked yet. */
  readonly checks: ChecksSight | null;
}

export interface ChecksSight {
  /** The last good answer; null: none yet. */
  readonly summary: ChecksSummary | null;
  /** When the summary was so; null without one. */
  readonly at: Ms | null;
  /** Since when the summary is what it is, or since the first question. */
  readonly since: Ms;
  /** When it was asked for last. */
  readonly askedAt: Ms;
  /** The last question found no answer; null: it did. */
  readonly unknown: { readonly because: string; readonly since: Ms } | null;
}

/** By the pull's number. */
export type PullSights = ReadonlyMap<number, PullSight>;

export const PULLS_FACT = 'pulls';

/** From the fact as it is kept; none: nothing was ever seen. */
export const keptSights = (fact: readonly PullSight[] | null): PullSights => new Map((fact ?? []).map((sight) => [sight.number, sight]));

/** So many pulls are remembered, the newest; and of so many that are open the checks are asked for. */
const KEPT = 200;
export const CHECKED = 20;

/** A task may be whose branch this is: the branch's last part is the task's id. */
export const taskOfBranch = (branch: string): TaskId | null => readBranch(branch)?.task ?? null;

/**
 * Takes a whole list of open pulls in. `tasks`: those whose branches are among the heads. What the list lacks keeps what was last seen of it, age
 * and all: whether it was merged or closed has to be asked for. Of a new head nothing is known: what was said of another commit is not said of it.
 */
export function takeOpenPulls(before: PullSights, pulls: readonly Pull[], tasks: readonly Task[], at: Ms): PullSights {
  const byNumber = new Map(tasks.flatMap((task) => (task.pull === null ? [] : [[task.pull.number, task] as const])));
  const ours = pulls.flatMap((pull) => {
    const task = byNumber.get(pull.number);
    return task?.branch === pull.head.branch ? [sightOf(pull, task.id, before.get(pull.number), at)] : [];
  });
  return ours.length === 0 ? before : newest(new Map([...before, ...ours.map((sight) => [sight.number, sight] as const)]));
}

/** The numbers of those that are open, the newest first. */
export const openOnes = (sights: PullSights | undefined): readonly number[] =>
  [...(sights?.values() ?? [])].flatMap(({ number, state }) => (state === 'open' ? [number] : [])).sort((a, b) => b - a);

/** Takes one pull in that was asked for by itself. */
export const takePull = (before: PullSights, pull: Pull, task: TaskId, at: Ms): PullSights =>
  newest(new Map(before).set(pull.number, sightOf(pull, task, before.get(pull.number), at)));

function sightOf(pull: Pull, task: TaskId, before: PullSight | undefined, at: Ms): PullSight {
  const { number, state, draft, review, head, updatedAt } = pull;
  const checks = before?.commit === head.commit ? before.checks : null;
  return {
    ...{ task, number, state, draft, commit: head.commit, at },
    ...(review === undefined ? {} : { review }),
    ...(updatedAt === undefined ? {} : { changedAt: updatedAt }),
    ...(before?.advanced === undefined ? {} : { advanced: before.advanced }),
    ...(before?.asked === undefined ? {} : { asked: before.asked }),
    ...(before?.tidied === undefined ? {} : { tidied: before.tidied }),
    ...(draft && (before?.draft === false || before?.redrafted === true) ? { redrafted: true as const } : {}),
    ...(state === 'open' && (before?.state === 'closed' || before?.reopened === true) ? { reopened: true as const } : {}),
    ...(state === 'open' && before?.unmerged?.commit === head.commit ? { unmerged: before.unmerged } : {}),
    checks,
  };
}

function newest(sights: PullSights): PullSights {
  if (sights.size <= KEPT) return sights;
  return new Map([...sights].sort(([a], [b]) => b - a).slice(0, KEPT));
}

/** Takes in what was said of the commit, or that nobody would say. An answer about a head that is none any more is let go. */
export function takeChecks(before: PullSights, number: number, commit: string, answer: Seen<CommitChecks>, askedAt: Ms): PullSights {
  const sight = before.get(number);
  if (sight === undefined || sight.commit !== commit) return before;
  return new Map(before).set(number, { ...sight, checks: checksAfter(sight.checks, answer, askedAt) });
}

function checksAfter(before: ChecksSight | null, answer: Seen<CommitChecks>, askedAt: Ms): ChecksSight {
  if (!answer.known) {
    const unknown = before?.unknown ?? { because: answer.because, since: answer.since };
    const { summary = null, at = null, since = askedAt } = before ?? {};
    return { summary, at, since, askedAt, unknown: { ...unknown, because: answer.because } };
  }
  const summary = summariseChecks(answer.value);
  const isSame = before !== null && JSON.stringify(before.summary) === JSON.stringify(summary);
  return { summary, at: answer.at, since: isSame ? before.since : askedAt, askedAt, unknown: null };
}

/** The forge may merge it by a wish of tac8's. An earlier version kept no more than what it did. */
export const isAsked = ({ state, asked, advanced }: PullSight): boolean => state === 'open' && (asked ?? advanced?.step === 'merge');

/**
 * Notes that the forge is about to be asked to merge it (`true`): before it is, so that it can be taken back whatever comes between. Where it
 * refuses, all is as it was.
 */
export function takeAsking(before: PullSights, number: number, asked: boolean | undefined): PullSights {
  const sight = before.get(number);
  if (sight === undefined || sight.asked === asked) return before;
  const { asked: _was, ...rest } = sight;
  return new Map(before).set(number, asked === undefined ? rest : { ...rest, asked });
}

/** Notes that the forge does not merge it by a wish of tac8's any more. `isOurs`: tac8 took its own back; else a person's word on the merge stands. */
export function takeBack(before: PullSights, number: number, isOurs: boolean): PullSights {
  const sight = before.get(number);
  if (sight === undefined) return before;
  const { advanced, ...rest } = sight;
  const keeps = advanced !== undefined && !(isOurs && advanced.step === 'merge');
  return new Map(before).set(number, { ...rest, ...(keeps ? { advanced } : {}), asked: false });
}

/** Notes that nothing more is to be done about its branch. */
export function takeTidied(before: PullSights, number: number): PullSights {
  const sight = before.get(number);
  return sight === undefined ? before : new Map(before).set(number, { ...sight, tidied: true });
}

/** Notes what tac8 did with it. */
export function takeAdvance(before: PullSights, number: number, advanced: NonNullable<PullSight['advanced']>): PullSights {
  const sight = before.get(number);
  if (sight === undefined) return before;
  const { unmerged: _over, ...rest } = sight;
  return new Map(before).set(number, { ...rest, advanced });
}

/** Notes why it is not merged; null: nothing is in its way any more. */
export function takeUnmerged(before: PullSights, number: number, unmerged: NonNullable<PullSight['unmerged']> | null): PullSights {
  const sight = before.get(number);
  if (sight === undefined || (unmerged === null && sight.unmerged === undefined)) return before;
  const { unmerged: was, ...rest } = sight;
  if (unmerged === null) return new Map(before).set(number, rest);
  const isSame =
    was?.why === unmerged.why &&
    was.commit === unmerged.commit &&
    was.letGo?.id === unmerged.letGo?.id &&
    was.takenBack === unmerged.takenBack;
  return isSame ? before : new Map(before).set(number, { ...rest, unmerged });
}

/** Why an open pull that is green is not merged at the head that it has; null: nothing is known to be in its way. */
export const unmergedAt = ({ state, commit, unmerged }: PullSight): NonNullable<PullSight['unmerged']> | null =>
  state === 'open' && unmerged?.commit === commit ? unmerged : null;

/** What runs is looked at again after a minute at the latest, what has come to rest after ten: somebody may run it again. */
const RUNNING_AGAIN: Ms = 60_000;
const RESTING_AGAIN: Ms = 10 * 60_000;

/** Whose checks are to be asked for now, newest first. What has not changed for long is asked for less often. */
export function checksDue(sights: PullSights, interval: Ms, now: Ms): readonly PullSight[] {
  return [...sights.values()]
    .filter(({ state }) => state === 'open')
    .sort((a, b) => b.number - a.number)
    .slice(0, CHECKED)
    .filter(({ checks }) => checks === null || now < checks.askedAt || now - checks.askedAt >= pauseOf(checks, interval, now));
}

function pauseOf({ summary, since, unknown }: ChecksSight, interval: Ms, now: Ms): Ms {
  const quiet = unknown === null ? now - since : now - unknown.since;
  const most = unknown === null && (summary?.running ?? 0) > 0 ? RUNNING_AGAIN : RESTING_AGAIN;
  return Math.max(interval, Math.min(quiet / 4, most));
}

/** Tasks whose pull is not among the open ones any more, or was never seen: whether it is merged or closed is not known. */
export function pullsToAsk(sights: PullSights, open: readonly Pull[], tasks: readonly Task[]): readonly Task[] {
  const listed = new Set(open.map(({ number }) => number));
  return tasks.filter(({ pull }) => pull !== null && !listed.has(pull.number) && (sights.get(pull.number)?.state ?? 'open') === 'open');
}
