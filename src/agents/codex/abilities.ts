import type { Abilities } from '../../core/agent/abilities.ts';

export const CODEX: Abilities = {
  words: 'read',
  steer: 'stdin',
  interrupt: true,
  resume: true,
  attach: true,
  stopHooks: true,
  cost: 'none',
  end: 'result',
};
