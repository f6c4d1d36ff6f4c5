import type { Abilities } from '../../core/agent/abilities.ts';

/** What the protocol itself gives; a message in the middle of a turn becomes the next turn. */
export const ACP: Abilities = {
  words: 'read',
  steer: 'stdin',
  interrupt: true,
  resume: true,
  attach: false,
  stopHooks: true,
  cost: 'none',
  end: 'result',
};
