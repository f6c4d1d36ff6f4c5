import { ACP_DRIVER } from './acp/protocol.ts';
import type { Driver } from './client/driver.ts';
import { CODEX_DRIVER } from './codex/app-server.ts';
import { GEMINI_DRIVER } from './gemini/driver.ts';
import { OPENCODE_DRIVER } from './opencode/server.ts';

/** How the client speaks to each agent that needs one. */
export const DRIVERS: Readonly<Record<string, Driver>> = {
  codex: CODEX_DRIVER,
  opencode: OPENCODE_DRIVER,
  gemini: GEMINI_DRIVER,
  acp: ACP_DRIVER,
};
