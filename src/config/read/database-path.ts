import { resolve } from 'node:path';
import { readPlainSync } from '../../files/open-plain.ts';
import type { Environment } from './environment.ts';
import type { ConfigProblem } from './problems.ts';

export const DEFAULT_DATABASE = '.tac8/tac8.db';

export type DatabasePath =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] };

/**
 * Where the database is, as an absolute path, for commands that must answer at once: checking the whole configuration
 * takes twice as long as starting Node, so it is loaded only where the file may name another database.
 */
export async function databasePath(root: string, env: Environment): Promise<DatabasePath> {
  if (!mayNameStore(root)) return { ok: true, path: resolve(root, DEFAULT_DATABASE) };
  const { loadConfig } = await import('./load.ts');
  const loaded = loadConfig(root, env);
  return loaded.ok ? { ok: true, path: resolve(root, loaded.config.store.path) } : loaded;
}

function mayNameStore(root: string): boolean {
  try {
    // An escape (\x73tore) or an alias could hide the word.
    return /store|\\|\*/.test(readPlainSync(resolve(root, 'tac8.yaml'), 1 << 20));
  } catch (error) {
    // No file names nothing; a file that cannot be read gets its message from loadConfig.
    return !(error instanceof Error && 'code' in error && error.code === 'ENOENT');
  }
}
