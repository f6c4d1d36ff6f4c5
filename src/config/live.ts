import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Environment } from './environment.ts';
import { CONFIG_FILE, loadConfig } from './load.ts';
import { renderProblems } from './problems.ts';
import type { Settings } from './settings.ts';

export interface LiveConfigOptions {
  readonly root: string;
  readonly env: Environment;
  readonly first: Settings;
  /** Told once per version of the file: null when it is taken up, else every mistake in it. */
  readonly onChange: (problems: string | null) => void;
}

/**
 * The configuration as it is now: `tac8.yaml` is read again when it changed. One with mistakes changes nothing: the last good one is
 * kept, and the mistakes are told. Costs one stat a call.
 */
export function createLiveConfig({ root, env, first, onChange }: LiveConfigOptions): () => Settings {
  const path = join(root, CONFIG_FILE);
  let good = first;
  let seen = signature(path);
  return () => {
    const now = signature(path);
    if (now === seen) return good;
    seen = now;
    const loaded = loadConfig(root, env);
    if (loaded.ok) good = loaded.config;
    onChange(loaded.ok ? null : renderProblems(loaded.problems));
    return good;
  };
}

/** Changes with every save; the same while the file is not there. */
function signature(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? '' : `${stat.mtimeNs} ${stat.size} ${stat.ino}`;
}
