import type { Checked } from '../config/schema/schema.ts';
import type { Settings } from '../config/settings.ts';
import { configError, findPlace, type Place } from './place.ts';

/** A place with its whole configuration, checked. */
export interface Project extends Place {
  readonly settings: Settings;
}

/** As a person starts with it. */
export interface Accepted extends Project {
  /** The settings by the names of tac8.yaml. */
  readonly written: Checked;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Throws a ConfigError with every mistake in `tac8.yaml`. */
export async function openProject(from: string, env: Environment): Promise<Accepted> {
  const place = await findPlace(from, env);
  const { loadConfig } = await import('../config/read/load.ts');
  const loaded = loadConfig(place.root, env);
  if (!loaded.ok) throw await configError(loaded.problems);
  return { ...place, settings: loaded.config, written: loaded.written };
}
