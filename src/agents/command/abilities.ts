import type { Abilities } from '../../core/agent/abilities.ts';
import type { Written } from '../ground/kind.ts';

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

export const COMMAND_WRITTEN: Written = {
  what: 'any program, its whole argv in `command`.',
  program: null,
  env: [],
  effort: false,
  servers: 'no',
  settings: {},
};
