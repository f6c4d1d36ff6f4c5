import type { Abilities } from '../../core/agent/abilities.ts';
import type { Written } from '../ground/kind.ts';

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

export const ACP_WRITTEN: Written = {
  what: 'any program that speaks the Agent Client Protocol, its whole argv in `command`, such as [some-agent, acp].',
  program: null,
  env: [],
  effort: false,
  servers: 'yes',
  settings: {},
};
