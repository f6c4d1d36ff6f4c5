import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';

/** By temporary file and rename: a crash leaves the old text or the new one, never half of it; two writers do not meet. */
export async function writeWhole(path: string, text: string): Promise<void> {
  const fresh = `${path}.${randomBytes(4).toString('hex')}.tmp`;
  await writeFile(fresh, text, { mode: 0o600 });
  await rename(fresh, path);
}
