import type { Abilities } from '../../core/agent/abilities.ts';

export const CLAUDE: Abilities = {
  words: 'read',
  steer: 'stdin',
  interrupt: true,
  resume: true,
  attach: true,
  stopHooks: true,
  cost: 'stated',
  end: 'result',
};
