import type { Abilities } from '../../core/agent/abilities.ts';
import type { Written } from '../ground/kind.ts';

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

export const claudeProgram = 'claude';

export const CLAUDE_WRITTEN: Written = {
  what: 'Claude Code.',
  program: claudeProgram,
  env: ['ANTHROPIC_API_KEY'],
  effort: true,
  servers: 'yes',
  settings: {
    repo_settings:
      'whether the repository’s own .claude settings count. Their hooks run commands without asking, so by default they do not.',
  },
};
