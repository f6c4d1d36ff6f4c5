import { CLAUDE } from '../../src/agents/claude/abilities.ts';
import { COMMAND } from '../../src/agents/command/abilities.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/tick/policy.ts';
import { HOUR, MINUTE } from './incidents/incidents.ts';
import type { Random } from './random.ts';

/** Times are shorter than people would set, so that a week holds more of everything. */
/** `races`: each labelled issue gets several attempts side by side. `logins`: there are three, which share the issues by their numbers. */
export function policyFor(random: Random, { races = false, logins = false } = {}): Policy {
  const policy = {
    ...DEFAULT_POLICY,
    slots: random.pick([1, 3, 5, 5]),
    limits: { ...DEFAULT_POLICY.limits, runTime: 40 * MINUTE, silence: 6 * MINUTE },
    agent: { ...(random.chance(0.8) ? { kind: 'claude', can: CLAUDE } : { kind: 'command', can: COMMAND }), model: null },
    saveEvery: 2 * MINUTE,
    keep: { ...DEFAULT_POLICY.keep, completed: 2 * HOUR },
    pulls: { openedBy: 'coordinator', verify: random.chance(0.3), follow: random.chance(0.5), whenGreen: 'leave', rounds: 2, allow: [] },
  } satisfies Policy;
  if (logins) {
    const limits = { ...policy.limits, nextRoute: random.chance(0.5) };
    const agent = { kind: 'claude', can: CLAUDE, model: null };
    const called = (login: string) => ({ ...agent, profile: login, login });
    const routes = ['two', 'three'].map((login, n) => ({ when: { title: String(n + 1) }, model: null, agent: login }));
    return { ...policy, limits, agent, agents: { two: called('two'), three: called('three') }, routes };
  }
  if (!races) return policy;
  const deft = { kind: 'command', can: COMMAND, model: null, profile: 'deft', login: 'deft' };
  const routes = [{ when: { labels: [policy.label] }, model: null, race: ['default', 'deft'] }];
  return { ...policy, agents: { deft }, routes };
}
