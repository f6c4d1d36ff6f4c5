import type { Fleet } from '../../adapters/machines/fleet.ts';
import { PROTOCOL, understand } from '../../adapters/machines/tables/schema.ts';

/** Why a runner of this version cannot work for the coordinator, in sentences; null: it can. */
export function notUnderstood(fleet: Pick<Fleet, 'protocol' | 'version'> | null, version: string, protocol = PROTOCOL): string | null {
  if (fleet === null || understand(fleet.protocol, protocol)) return null;
  const [older, what] = fleet.protocol > protocol ? ['this runner', 'Upgrade it'] : ['the coordinator', 'Upgrade the coordinator'];
  return `The coordinator is tac8 ${fleet.version} and this runner ${version}: they are more than one step apart, and ${older} is the older one. ${what}.`;
}
