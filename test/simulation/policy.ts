import { CLAUDE } from '../../src/agents/claude/abilities.ts';
import { COMMAND } from '../../src/agents/command/abilities.ts';
import { DEFAULT_POLICY, type Policy } from '../../src/core/tick/policy.ts';
import { HOUR, MINUTE } from './incidents/incidents.ts';
import type { Random } from './random.ts';

/** Times are shorter than people would set, so that a week holds more of everything. */
/** `races`: each labelled issue gets several attempts side by side. */
export function policyFor(random: Random, races = false): Policy {
  const policy = {
    ...DEFAULT_POLICY,
    slots: random.pick([1, 3, 5, 5]),
    limits: { ...DEFAULT_POLICY.limits, runTime: 40 * MINUTE, silence: 6 * MINUTE },
    agent: { ...(random.chance(0.8) ? { kind: 'claude', can: CLAUDE } : { kind: 'command', can: COMMAND }), model: null },
    saveEvery: 2 * MINUTE,
    keep: { ...DEFAULT_POLICY.keep, completed: 2 * HOUR },
    pulls: { openedBy: 'coordinator', verify: random.chance(0.3), follow: random.chance(0.5), whenGreen: 'leave', rounds: 2, allow: [] },
  } satisfies Policy;
  if (!races) return policy;
  const deft = { kind: 'command', can: COMMAND, model: null, profile: 'deft', login: 'deft' };
  const routes = [{ when: { labels: [policy.label] }, model: null, race: ['default', 'deft'] }];
  return { ...policy, agents: { deft }, routes };
}
