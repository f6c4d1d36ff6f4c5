import type { OneShot } from '../client/driver.ts';
import { codexEvents } from './lines.ts';

/** `codex exec --json`, a process for each turn: for a Codex whose app-server is missing, or does not begin. */
export const CODEX_EXEC: OneShot = {
  ...{ what: 'codex exec --json', insteadOf: 'its app-server' },
  argv: ({ command, model, effort }, conversation) => [
    ...command,
    ...(conversation === null ? ['exec'] : ['exec', 'resume']),
    ...['--json', '--dangerously-bypass-approvals-and-sandbox'],
    ...(model === null ? [] : ['--model', model]),
    ...(effort === null ? [] : ['-c', `model_reasoning_effort=${JSON.stringify(effort)}`]),
    ...(conversation === null ? ['-'] : [conversation, '-']),
  ],
  events: codexEvents,
};
