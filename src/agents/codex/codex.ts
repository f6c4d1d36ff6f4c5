import { interruptLine, tellLine } from '../client/input.ts';
import { clientLaunch, raiseClientStop } from '../client/launch.ts';
import type { AgentKind } from '../ground/kind.ts';
import { CODEX, CODEX_WRITTEN } from './abilities.ts';
import { CODEX_WORDS } from './lines.ts';
import { codexLogin, LOGINS } from './login.ts';
import { codexRoutes, insideArgs } from './provider.ts';
import { serverArgs } from './servers.ts';

/** OpenAI's Codex, through its app-server. */
export const codex: AgentKind = {
  can: CODEX,
  written: CODEX_WRITTEN,
  variables: () => ({}),
  logins: LOGINS,
  routes: codexRoutes,
  launch: (settings, what) =>
    clientLaunch('codex')({ ...settings, args: [...insideArgs(settings), ...serverArgs(settings.mcp), ...settings.args] }, what),
  readsGuidance: () => ['AGENTS.md'],
  repoFiles: ['.codex/config.toml'],
  health: {
    install: 'npm install -g @openai/codex, or name it in tac8.yaml: agent.command',
    logIn: 'log Codex in: codex login',
    version: ['--version'],
    login: codexLogin,
    knowsLogins: false,
  },
  words: CODEX_WORDS,
  message: tellLine,
  interrupt: interruptLine,
  raiseStop: raiseClientStop,
  session: (settings, run, conversation) => {
    const [program = 'codex', ...before] = settings.command;
    const model = run.agent.model ?? settings.model;
    return [program, ...before, ...insideArgs(settings), 'resume', ...(model === null ? [] : ['--model', model]), conversation];
  },
};
