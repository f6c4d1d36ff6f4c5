import { loadConfig } from './config/load.ts';
import type { Settings } from './config/settings.ts';
import { configError, findPlace, type Place } from './place.ts';

/** A place with its whole configuration, checked. */
export interface Project extends Place {
  readonly settings: Settings;
}

/** Throws a ConfigError with every mistake in `tac8.yaml`. */
export async function openProject(from: string, env: Readonly<Record<string, string | undefined>>): Promise<Project> {
  const place = await findPlace(from, env);
  const loaded = loadConfig(place.root, env);
  if (!loaded.ok) throw await configError(loaded.problems);
  return { ...place, settings: loaded.config };
}
