import type { AgentKind } from '../ground/kind.ts';
import { SERVICES } from '../ground/services.ts';
import { COMMAND, COMMAND_WRITTEN } from './abilities.ts';
import { commandArgv } from './argv.ts';

/** Any program: its prompt on stdin or in its argv, its end in its exit code. */
export const command: AgentKind = {
  can: COMMAND,
  written: COMMAND_WRITTEN,
  variables: () => ({}),
  logins: { programs: {}, otherwise: [], files: [] },
  routes: () => SERVICES,
  launch: async (settings, what) => ({ argv: commandArgv(settings, what), stdin: { kind: 'file', prompt: what.prompt } }),
  health: {
    install: 'correct agent.command in tac8.yaml',
    logIn: 'log your agent in',
    version: null,
    login: () => ({ level: 'unknown', says: 'tac8 does not know how an agent of kind command logs in', mend: 'try it by hand' }),
    knowsLogins: false,
  },
};
