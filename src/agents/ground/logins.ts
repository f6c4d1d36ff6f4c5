import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentSettings } from './settings.ts';

/** Changes when a named variable or one of the files below the person's home does. A hash of them: what they hold cannot be told from it. */
export async function loginPrint({ env, others = [], machine, home }: AgentSettings, files: readonly string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const name of [...new Set([...env, ...others])].sort()) hash.update(`${name}=${machine[name] ?? ''}\0`);
  for (const file of files) hash.update(`${file} ${await standing(join(home, file))}\0`);
  return hash.digest('hex').slice(0, 16);
}

async function standing(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path);
    return `${mtimeMs} ${size} ${ino}`;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return 'none';
    throw error;
  }
}
