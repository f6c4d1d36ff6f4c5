import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from './config-text.ts';
import { textOf } from './files.ts';

/** Whether git's folder keeps its refs in the reftable format. Git needs both the folder and the word for it: a worker can make the folder alone. */
export function hasReftable(gitDir: string): boolean {
  if (!existsSync(join(gitDir, 'reftable'))) return false;
  return new Map(readSettings(textOf(join(gitDir, 'config'))) ?? []).get('extensions.refstorage') === 'reftable';
}
