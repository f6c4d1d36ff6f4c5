import type { Abilities } from '../../core/agent/abilities.ts';
import type { Written } from '../ground/kind.ts';

export const OPENCODE: Abilities = {
  words: 'read',
  steer: 'stdin',
  interrupt: true,
  resume: true,
  attach: true,
  stopHooks: true,
  cost: 'stated',
  end: 'result',
};

export const OPENCODE_WRITTEN: Written = {
  what: 'OpenCode; its model as `provider/model`.',
  program: 'opencode',
  env: ['ANTHROPIC_API_KEY', 'OPENAI_API_KEY', 'OPENROUTER_API_KEY', 'OPENCODE_API_KEY'],
  effort: false,
  servers: 'yes',
  settings: { repo_settings: 'whether the project’s opencode.json and .opencode folder count.' },
};
