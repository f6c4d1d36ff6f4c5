import type { Abilities } from '../../core/agent/abilities.ts';
import type { Written } from '../ground/kind.ts';

/** A message in the middle of a turn becomes the next turn: a second prompt would end the first. */
export const GEMINI: Abilities = {
  words: 'read',
  steer: 'stdin',
  interrupt: true,
  resume: true,
  attach: false,
  stopHooks: true,
  cost: 'none',
  end: 'result',
};

export const GEMINI_WRITTEN: Written = {
  what: 'Google’s Gemini CLI.',
  program: 'gemini',
  env: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
  effort: false,
  servers: 'with repo_settings',
  settings: { repo_settings: 'whether the project’s .gemini/settings.json counts.' },
};
