import { interruptLine, tellLine } from '../client/input.ts';
import { clientLaunch, raiseClientStop } from '../client/launch.ts';
import type { AgentKind } from '../ground/kind.ts';
import { SERVICES } from '../ground/services.ts';
import { GEMINI, GEMINI_WRITTEN } from './abilities.ts';
import { GEMINI_WORDS } from './lines.ts';
import { geminiLogin, LOGINS } from './login.ts';

/** Google’s Gemini CLI, through the Agent Client Protocol. */
export const gemini: AgentKind = {
  can: GEMINI,
  written: GEMINI_WRITTEN,
  variables: () => ({
    // Else it starts itself a second time, and signals go to the one that does not heed them.
    GEMINI_CLI_NO_RELAUNCH: 'true',
  }),
  logins: LOGINS,
  routes: () => SERVICES,
  launch: clientLaunch('gemini'),
  guidance: { files: ['GEMINI.md'], folders: [] },
  // In a folder that it does not trust it reads no file of the project's by itself.
  readsGuidance: ({ repoSettings }) => (repoSettings ? ['GEMINI.md'] : []),
  repoFiles: ['.gemini/settings.json'],
  health: {
    install: 'npm install -g @google/gemini-cli, or name it in tac8.yaml: agent.command',
    logIn: 'log Gemini in: run `gemini` once, or export GEMINI_API_KEY',
    version: ['--version'],
    login: geminiLogin,
    knowsLogins: false,
  },
  words: GEMINI_WORDS,
  message: tellLine,
  interrupt: interruptLine,
  raiseStop: raiseClientStop,
};
