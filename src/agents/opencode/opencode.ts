import { interruptLine, tellLine } from '../client/input.ts';
import { clientLaunch, raiseClientStop } from '../client/launch.ts';
import type { AgentKind } from '../ground/kind.ts';
import { OPENCODE, OPENCODE_WRITTEN } from './abilities.ts';
import { OPENCODE_WORDS } from './lines.ts';
import { LOGINS, opencodeLogin } from './login.ts';
import { opencodeRoutes } from './services.ts';

/** OpenCode, through the server that each run has of its own. */
export const opencode: AgentKind = {
  can: OPENCODE,
  written: OPENCODE_WRITTEN,
  variables: (_, { repoSettings }) => ({
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_SHARE: '1',
    OPENCODE_DISABLE_TERMINAL_TITLE: '1',
    // Plugins and tool servers of the repository would run without anyone being asked.
    ...(repoSettings ? {} : { OPENCODE_DISABLE_PROJECT_CONFIG: '1' }),
  }),
  logins: LOGINS,
  routes: opencodeRoutes,
  launch: clientLaunch('opencode'),
  // Without the project's settings it reads no file of the project's either.
  readsGuidance: ({ repoSettings }) => (repoSettings ? ['AGENTS.md'] : []),
  repoFiles: ['opencode.json', 'opencode.jsonc', '.opencode'],
  health: {
    install: 'npm install -g opencode-ai, or name it in tac8.yaml: agent.command',
    logIn: 'log OpenCode in: opencode auth login',
    version: ['--version'],
    login: opencodeLogin,
    knowsLogins: false,
  },
  words: OPENCODE_WORDS,
  message: tellLine,
  interrupt: interruptLine,
  raiseStop: raiseClientStop,
  session: (settings, _, conversation) => {
    const [program = 'opencode', ...before] = settings.command;
    return [program, ...before, '--session', conversation];
  },
};
