import type { Abilities } from '../../core/agent/abilities.ts';
import type { Written } from '../ground/kind.ts';

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

export const CODEX_WRITTEN: Written = {
  what: 'OpenAI’s Codex.',
  program: 'codex',
  env: ['OPENAI_API_KEY'],
  effort: true,
  servers: 'yes',
  settings: {},
};
