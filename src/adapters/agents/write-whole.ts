import { rename, writeFile } from 'node:fs/promises';

/** By temporary file and rename: a crash leaves the old text or the new one, never half of it. */
export async function writeWhole(path: string, text: string): Promise<void> {
  await writeFile(`${path}.tmp`, text, { mode: 0o600 });
  await rename(`${path}.tmp`, path);
}
