import { DEFAULT_POLICY, type Policy } from '../../src/core/policy.ts';
import { HOUR, MINUTE } from './incidents.ts';
import type { Random } from './random.ts';

/** Times are shorter than people would set, so that a week holds more of everything. */
export function policyFor(random: Random): Policy {
  return {
    ...DEFAULT_POLICY,
    slots: random.pick([1, 3, 5, 5]),
    limits: { ...DEFAULT_POLICY.limits, runTime: 40 * MINUTE, silence: 6 * MINUTE },
    agent: { kind: random.chance(0.8) ? 'claude' : 'command', model: null },
    saveEvery: 2 * MINUTE,
    keep: { ...DEFAULT_POLICY.keep, completed: 2 * HOUR },
    pulls: { openedBy: 'coordinator', verify: random.chance(0.3) },
  };
}
