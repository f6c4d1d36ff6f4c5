import type { Abilities } from '../../core/agent/abilities.ts';

/** Nothing is known of it but its process. */
export const COMMAND: Abilities = {
  words: 'none',
  steer: 'none',
  interrupt: false,
  resume: false,
  attach: false,
  stopHooks: false,
  cost: 'none',
  end: 'exit',
};
