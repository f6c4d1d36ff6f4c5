import { interruptLine, tellLine } from '../client/input.ts';
import { clientLaunch, raiseClientStop } from '../client/launch.ts';
import type { AgentKind } from '../ground/kind.ts';
import { SERVICES } from '../ground/services.ts';
import { ACP, ACP_WRITTEN } from './abilities.ts';
import { ACP_WORDS } from './lines.ts';

/** Any program that speaks the Agent Client Protocol. */
export const acp: AgentKind = {
  can: ACP,
  written: ACP_WRITTEN,
  variables: () => ({}),
  logins: { programs: {}, otherwise: [], files: [] },
  routes: () => SERVICES,
  launch: clientLaunch('acp'),
  health: {
    install: 'correct agent.command in tac8.yaml',
    logIn: 'log your agent in',
    version: null,
    login: () => ({ level: 'unknown', says: 'tac8 does not know how an agent of kind acp logs in', mend: 'try it by hand' }),
    knowsLogins: false,
  },
  words: ACP_WORDS,
  message: tellLine,
  interrupt: interruptLine,
  raiseStop: raiseClientStop,
};
