import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Checked } from '../schema/schema.ts';
import { type Settings, toSettings } from '../settings.ts';
import type { Environment } from './environment.ts';
import { CONFIG_FILE } from './file.ts';
import { loadConfig } from './load.ts';
import { renderProblems } from './problems.ts';
import { takeUp } from './take-up.ts';

/** What came of a changed file: every mistake in it, or the settings in it that wait for a person's word. */
export type Change = { readonly problems: string } | { readonly problems: null; readonly waiting: readonly string[] };

export interface LiveConfigOptions {
  readonly root: string;
  readonly env: Environment;
  /** What a person started with. */
  readonly first: Checked;
  /** Told once per version of the file. */
  readonly onChange: (change: Change) => void;
}

/**
 * The configuration as it counts now: `tac8.yaml` is read again when it changed, and what may count at once does (`takeUp`). One with mistakes
 * changes nothing. Costs one stat a call.
 */
export function createLiveConfig({ root, env, first, onChange }: LiveConfigOptions): () => Settings {
  const path = join(root, CONFIG_FILE);
  let good = toSettings(first);
  let seen = signature(path);
  return () => {
    const now = signature(path);
    if (now === seen) return good;
    seen = now;
    const loaded = loadConfig(root, env);
    if (!loaded.ok) {
      onChange({ problems: renderProblems(loaded.problems) });
      return good;
    }
    const { settings, waiting } = takeUp(first, loaded.written);
    good = toSettings(settings);
    onChange({ problems: null, waiting });
    return good;
  };
}

/** Changes with every save; the same while the file is not there. */
function signature(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeNs} ${stat.size} ${stat.ino}`;
}
