import { ACP_DRIVER } from './acp/protocol.ts';
import type { Driver } from './client/driver.ts';
import { CODEX_DRIVER } from './codex/app-server.ts';

/** How the client speaks to each agent that needs one. */
export const DRIVERS: Readonly<Record<string, Driver>> = { codex: CODEX_DRIVER, acp: ACP_DRIVER };
