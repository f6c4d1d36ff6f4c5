import { loadConfig } from '../../config/read/load.ts';
import { DEFAULT_AGENT, noAgent } from '../../core/agent/which.ts';
import { findPlace } from '../../place/place.ts';
import { daemonAt } from '../../read/open.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';

/** A daemon answers for itself, by the settings that it works with; without one the name would be noted and refused only at the next start. */
export async function refuseUnknownAgent(from: string, name: string): Promise<void> {
  const place = await findPlace(from, process.env);
  if (name === DEFAULT_AGENT || daemonAt(place) !== null) return;
  const loaded = loadConfig(place.root, process.env);
  if (!loaded.ok || Object.hasOwn(loaded.config.agents, name)) return;
  throw new Exit(EXIT.refused, noAgent(loaded.config.agents, name));
}
