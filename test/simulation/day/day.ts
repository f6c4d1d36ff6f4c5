import { CLAUDE } from '../../../src/agents/claude/abilities.ts';
import { DEFAULT_POLICY, type Policy } from '../../../src/core/tick/policy.ts';
import { HOUR, MINUTE } from '../incidents/incidents.ts';
import { setStage } from '../stage.ts';
import { createDayDaemon, type DayDaemon } from './daemon.ts';
import { openGround } from './ground.ts';
import { type Counted, countAsked, judgeDay, unfinished } from './judge.ts';
import { livePeople } from './people.ts';

/*
 * A day of made-up time on the fake GitHub with all its limits: the real engine, the real adapter over real HTTP, real webhooks that are lost and
 * doubled. Agents, worktrees and the clock are those of the simulation.
 */

export interface DayOptions {
  readonly seed: number;
  readonly hours: number;
  readonly issues: number;
  readonly workers: number;
  readonly trace?: boolean;
}

export interface DayReport extends Counted {
  /** What was done twice, done unasked, or not done. */
  readonly wrong: readonly string[];
  readonly issues: number;
  readonly pulls: number;
  readonly runs: number;
  readonly mostAtOnce: number;
  readonly kills: number;
  readonly faults: number;
  readonly webhooks: { readonly sent: number; readonly lost: number };
  /** Made-up hours until all was done. */
  readonly hours: number;
  readonly trace: readonly string[];
}

/** After the last issue everything must be done within this time. */
const REST_BOUND = 6 * HOUR;

const policyOf = (workers: number): Policy => ({
  ...DEFAULT_POLICY,
  ...{ slots: workers, orders: true, statusComment: true, dashboard: true },
  agent: { kind: 'claude', can: CLAUDE, model: null },
  limits: { ...DEFAULT_POLICY.limits, usdPerTask: 1_000, usdPerDay: 100_000 },
  pulls: { openedBy: 'coordinator', verify: false, follow: true, whenGreen: 'merge', rounds: 3, allow: [] },
});

export async function playDay({ seed, hours, issues, workers, trace = false }: DayOptions): Promise<DayReport> {
  let daemon: DayDaemon | null = null;
  const stage = setStage({
    ...{ seed, without: null, isTraced: trace, policy: policyOf(workers), ticked: () => undefined },
    daemons: () => ({ isUp: () => daemon?.isUp() === true, wake: () => daemon?.wake(), seen: () => null }),
  });
  // Agents behave, and the machine does: what goes wrong is GitHub, the network and the daemon.
  stage.calm();
  const { timeline, judge, kernel } = stage;
  const ground = await openGround(stage);
  try {
    daemon = await createDayDaemon(stage, ground);
    const isOver = (): boolean => timeline.mono() >= hours * HOUR;
    const deeds = livePeople(stage, ground, daemon, { hours, issues, isOver });
    timeline.at(0, daemon.start);
    let [mostAtOnce, looked] = [0, 0];
    let left: readonly string[] = ['the day has only begun'];
    while (left.length > 0 && judge.violation() === null && timeline.mono() < hours * HOUR + REST_BOUND) {
      if (!(await timeline.step())) break;
      await ground.settled();
      mostAtOnce = Math.max(mostAtOnce, kernel.liveRuns().size);
      if (!isOver() || timeline.mono() - looked < MINUTE) continue;
      looked = timeline.mono();
      ground.github.faults.remove();
      left = unfinished(stage, ground, deeds);
    }
    // What is told last comes with the polls after it.
    for (const until = timeline.mono() + 10 * MINUTE; timeline.mono() < until; ) {
      await timeline.step();
      await ground.settled();
    }
    const violation = judge.violation();
    const entries = ground.github.journal.entries();
    const sent = ground.github.hooks.sent();
    const counted = countAsked(entries);
    return {
      ...counted,
      wrong: [
        ...(violation === null ? [] : [`${violation.invariant}: ${violation.message}`]),
        ...(counted.refused === 0 ? [] : [`${counted.refused} requests were refused for a limit`]),
        ...left,
        ...daemon.complaints,
        ...judgeDay(stage, ground, deeds),
      ],
      issues: deeds.wanted.size,
      pulls: ground.github.state.issues.filter(({ pull }) => pull !== null).length,
      runs: kernel.folders.size,
      mostAtOnce,
      kills: daemon.starts() - 1,
      faults: entries.filter(({ fault }) => fault !== null).length,
      webhooks: { sent: sent.length, lost: sent.filter(({ lost }) => lost).length },
      hours: timeline.mono() / HOUR,
      trace: stage.lines,
    };
  } finally {
    await daemon?.close();
    await ground.close();
  }
}
