import {
  DASHBOARD_MARK,
  DASHBOARD_TITLE,
  type DashboardFacts,
  dashboardBody,
  dashboardText,
  readTicks,
  type Tick,
  tickKey,
} from '../../../core/explain/dashboard.ts';
import type { Stamp } from '../../../core/explain/issue-words.ts';
import { spentToday } from '../../../core/limits/spending.ts';
import { NEW_FLEET } from '../../../core/model/fleet.ts';
import { NEEDS_YOU } from '../../../core/model/gate.ts';
import type { Ms } from '../../../core/model/seen.ts';
import type { Task, TaskId } from '../../../core/model/task.ts';
import { byTurn } from '../../../core/start/schedule.ts';
import { ACCEPT_EDIT } from '../../../core/voices/requests.ts';
import { messageOf } from '../../../core/words/message-of.ts';
import type { Ports } from '../../ports/context.ts';
import type { Forge } from '../../ports/outside/forge.ts';
import type { Dashboard } from '../../ports/records/facts.ts';
import type { Powers } from './order-watch.ts';

/** One issue that shows the whole fleet, and whose boxes are acted on once and unticked. */
export interface DashboardWatch {
  keep(signal: AbortSignal): Promise<void>;
}

export interface DashboardWatchOptions extends Pick<Ports, 'store' | 'clock' | 'log'>, Pick<Powers, 'hear' | 'approve'> {
  readonly forge: Pick<Forge, 'ownIssue' | 'editedIssue' | 'editIssue' | 'limits'>;
  readonly wanted: () => boolean;
  readonly policy: () => { readonly slots: number; readonly usdPerDay: number };
  readonly sentence: (task: TaskId) => string;
  readonly stamp: Stamp;
}

/** Figures alone are told this often. */
const FIGURES_EVERY: Ms = 10 * 60_000;
const ENDED_SHOWN = 20;
const FACT = 'dashboard';

export function watchDashboard(options: DashboardWatchOptions): DashboardWatch {
  const { forge, store, clock, log, hear, approve, wanted, policy, sentence, stamp } = options;
  let shown: { readonly body: string; readonly steady: string; readonly at: Ms } | null = null;

  const keepFact = (next: Dashboard): void => store.commit({ facts: { [FACT]: next } });

  function shownTasks(): readonly Task[] {
    const open = store.openTasks();
    const of = (state: Task['state']): Task[] => open.filter((task) => task.state === state);
    return [
      ...of('blocked'),
      ...store.endedTasks({ state: 'failed', since: 0, limit: ENDED_SHOWN }),
      ...of('active'),
      ...of('pending').sort(byTurn),
      ...store.endedTasks({ state: 'review', since: 0, limit: ENDED_SHOWN }),
      ...store.endedTasks({ state: 'completed', since: clock.startOfDay(clock.now()), limit: ENDED_SHOWN }),
    ];
  }

  function factsNow(): DashboardFacts {
    const { slots, usdPerDay } = policy();
    const fleet = store.fact('fleet') ?? NEW_FLEET;
    const start = clock.startOfDay(clock.now());
    return {
      fleet,
      spentToday: spentToday(fleet.day, { today: { start } }),
      tasks: shownTasks(),
      run: (task) => ('run' in task && task.run !== null ? store.run(task.run) : null),
      needs: ({ id }) => store.fact('daemon')?.notes.find(({ task, gate }) => task === id && gate === NEEDS_YOU)?.text ?? null,
      why: sentence,
      allowance: forge.limits(),
      held: store.fact('daemon')?.held ?? null,
      ...{ slots, usdPerDay, stamp, now: clock.now() },
    };
  }

  function act(tick: Tick, by: string): void {
    log.info(`${by} ticks: ${tickKey(tick)}`, tick.task === null ? {} : { task: tick.task });
    if (tick.verb === 'approve') {
      const held = store.task(tick.task);
      const run = held?.state === 'blocked' ? store.run(held.run) : null;
      // What was shown beside the box, and no other commit.
      if (run?.settlement.held?.commit === tick.commit) approve(tick.task, by);
      return;
    }
    const args = tick.verb === 'cancel' ? { reason: by } : tick.verb === ACCEPT_EDIT ? { token: tick.token } : {};
    hear({ verb: tick.verb, task: tick.task, args }, by);
  }

  /** Each is noted before it is done; the note goes with the tick, when the issue is written anew. Answers why ticks were left alone; empty: none was. */
  function takeTicks(before: Dashboard, body: string, editors: readonly string[] | null, mayAll: boolean): string {
    const ticks = readTicks(body);
    const fresh = ticks.filter((tick) => !before.acted.includes(tickKey(tick)));
    if (fresh.length === 0) return '';
    if (editors === null || editors.length === 0) return 'Who ticked a box is not known: nothing was done.';
    if (!mayAll) return 'Somebody without write access edited this issue: nothing that was ticked was done.';
    keepFact({ ...before, acted: [...before.acted, ...fresh.map(tickKey)] });
    for (const tick of fresh) act(tick, `${editors.join(', ')} on GitHub`);
    return '';
  }

  async function find(body: string, signal: AbortSignal): Promise<Dashboard> {
    const number = await forge.ownIssue(DASHBOARD_MARK, DASHBOARD_TITLE, body, signal);
    const next = { number, acted: [] };
    keepFact(next);
    return next;
  }

  async function keepUp(signal: AbortSignal): Promise<void> {
    const first = dashboardText(factsNow());
    let now = store.fact(FACT) ?? (await find(dashboardBody(first), signal));
    const seen = await forge.editedIssue(now.number, shown?.body ?? null, signal);
    if (seen === null) {
      // Deleted: there is one as long as the setting says so.
      shown = null;
      now = await find(dashboardBody(first), signal);
      return;
    }
    if (!seen.open) return;
    const hint = seen.body === shown?.body ? '' : takeTicks(now, seen.body, seen.editors, seen.mayAll);
    const text = dashboardText(factsNow());
    const isStale = shown === null || seen.body !== shown.body || text.steady !== shown.steady;
    if (!isStale && clock.now() - (shown?.at ?? 0) < FIGURES_EVERY) return;
    const body = dashboardBody(text, hint);
    if (!(await forge.editIssue(now.number, body, seen.body, signal))) return;
    shown = { body, steady: text.steady, at: clock.now() };
    const after = store.fact(FACT);
    if (after !== null && after.acted.length > 0) keepFact({ ...after, acted: [] });
  }

  return {
    async keep(signal) {
      if (!wanted()) return;
      try {
        await keepUp(signal);
      } catch (error) {
        if (!signal.aborted) log.warn(`the dashboard: ${messageOf(error)}`);
      }
    },
  };
}
