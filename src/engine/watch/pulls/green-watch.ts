import type { Issue } from '../../../core/model/forge.ts';
import type { Ms, Seen } from '../../../core/model/seen.ts';
import type { TaskIn } from '../../../core/model/task.ts';
import type { Calls } from '../../../core/review/calls.ts';
import { type GreenRules, greenStep, isWanted } from '../../../core/review/green.ts';
import type { Merge } from '../../../core/review/merging.ts';
import { PULLS_FACT, type PullSight, type PullSights, takeAdvance, takeAsking, takeUnmerged } from '../../../core/review/pull-sights.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Clock } from '../../ports/machine/clock.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Log } from '../../ports/records/log.ts';
import type { Store } from '../../ports/records/store.ts';

/** Takes green pulls on: out of the draft, and to the merge. */
export interface GreenWatch {
  /** Answers the sights with what was done. */
  advance(sights: PullSights, signal: AbortSignal): Promise<PullSights>;
}

export interface GreenWatchOptions {
  readonly forge: Pick<Forge, 'markReady' | 'mergeGreen'>;
  readonly store: Pick<Store, 'tasks' | 'commit'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly rules: () => GreenRules;
  readonly issues: () => Seen<readonly Issue[]>;
  readonly calls: () => Calls;
}

/** What waits, or failed, is tried again after this, or as soon as the pull changes. */
const AGAIN: Ms = 10 * 60_000;

export function watchGreen({ forge, store, clock, log, rules, issues, calls }: GreenWatchOptions): GreenWatch {
  const tried = new Map<number, { readonly print: string; readonly at: Ms }>();

  type Taken = { readonly done: string } | Extract<Merge, { kind: 'waits' }>;

  async function take(step: 'ready' | 'merge', { number, commit }: PullSight, signal: AbortSignal): Promise<Taken> {
    if (step === 'ready') {
      await forge.markReady(number, signal);
      return { done: 'its checks are green: it is ready for review' };
    }
    const merge = await forge.mergeGreen(number, commit, signal);
    if (merge.kind === 'waits') return merge;
    return {
      done: merge.kind === 'armed' ? 'its checks are green: GitHub merges it when its rules are met' : 'green and approved: tac8 merged it',
    };
  }

  /** Answers the sights with what came of it. */
  async function advanceOne(
    before: PullSights,
    task: TaskIn<'review'>,
    sight: PullSight,
    step: 'ready' | 'merge',
    signal: AbortSignal,
  ): Promise<PullSights> {
    const { number, commit } = sight;
    const taken = await take(step, sight, signal);
    if ('done' in taken) {
      // What was done is not done again: once it was taken back and is wanted again, it is asked for at once.
      tried.delete(number);
      const detail = `pull #${number}: ${taken.done}`;
      log.info(detail, { task: task.id });
      store.commit({ history: [{ at: clock.now(), task: task.id, run: null, event: 'green', detail }] });
      return takeAdvance(before, number, { step, commit });
    }
    // Refused, it was not asked for: only an answer that is lost leaves that open.
    const after = takeAsking(before, number, sight.asked);
    if (taken.isSoon === true) {
      tried.delete(number);
      return after;
    }
    if (sight.unmerged?.why !== taken.why) log.info(`pull #${number} is green and not merged: ${taken.why}`);
    return takeUnmerged(after, number, { commit, why: taken.why, since: clock.now() });
  }

  return {
    async advance(before, signal) {
      const { whenGreen } = rules();
      if (whenGreen === 'leave') return before;
      let sights = before;
      const open = [...before.values()].filter(({ state }) => state === 'open');
      for (const number of [...tried.keys()]) if (before.get(number)?.state !== 'open') tried.delete(number);
      const tasks = new Map(store.tasks(open.map(({ task }) => task)).map((task) => [task.id, task]));
      for (const sight of open) {
        const task = tasks.get(sight.task);
        if (signal.aborted || task?.state !== 'review') continue;
        // Whoever takes the label off wants no more of it, though what is done stays.
        const step = isWanted(task, issues()) === true ? greenStep(task, sight, calls().get(task.id) ?? [], whenGreen) : null;
        if (step === null) continue;
        const print = `${step} ${sight.commit} ${sight.changedAt ?? ''}`;
        const last = tried.get(sight.number);
        if (last?.print === print && clock.now() - last.at < AGAIN) continue;
        tried.set(sight.number, { print, at: clock.now() });
        const noted = step === 'merge' ? takeAsking(sights, sight.number, true) : sights;
        try {
          // Written down first: whoever wants it no more may say so while the answer is on its way, is lost, or after this daemon has died.
          if (noted !== sights) store.commit({ facts: { [PULLS_FACT]: [...noted.values()] } });
          sights = noted;
          sights = await advanceOne(sights, task, sight, step, signal);
        } catch (error) {
          if (signal.aborted) return sights;
          log.warn(`pull #${sight.number} is green, and was not taken on: ${messageOf(error)}`);
        }
      }
      return sights;
    },
  };
}
