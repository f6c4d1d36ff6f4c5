import type { Condition, Judgement, Rule, Verdict } from '../model/alert.ts';
import { failedForGood, killUnconfirmed, manyFailures, needsPerson, orphans, sameFailure, stuck } from './rules-on-work.ts';
import { budget, daemonDown, disk, githubDown, memory, temperature } from './rules-on-world.ts';
import type { Sight } from './sight.ts';

type Judge = (sight: Sight) => Judgement;

const certain =
  (rule: (sight: Sight) => readonly Condition[]): Judge =>
  (sight) => ({ present: rule(sight) });

const JUDGES: Readonly<Record<Rule, Judge>> = {
  needs_person: certain(needsPerson),
  failed: certain(failedForGood),
  same_failure: certain(sameFailure),
  many_failures: certain(manyFailures),
  stuck,
  github_down: githubDown,
  daemon_down: daemonDown,
  disk,
  memory,
  temperature,
  budget,
  kill_unconfirmed: certain(killUnconfirmed),
  orphan: (sight) => ({ present: orphans(sight), unsure: !sight.strays.known }),
};

/** What holds now. A rule that is turned off says nothing, and what it said before is over. */
export function judgeAlerts(sight: Sight): Verdict {
  const rules = (Object.entries(JUDGES) as [Rule, Judge][]).filter(([rule]) => !sight.policy.off.includes(rule));
  const said = rules.map(([rule, judge]) => ({ rule, ...judge(sight) }));
  const times = said.flatMap(({ wakeAt }) => (wakeAt === undefined ? [] : [wakeAt]));
  return {
    present: said.flatMap(({ present }) => present),
    unsure: new Set(said.flatMap(({ rule, unsure }) => (unsure === true ? [rule] : []))),
    wakeAt: times.length === 0 ? null : Math.min(...times),
  };
}
