import { randomBytes } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';

export interface WholeOptions {
  /** Default: for its owner alone. */
  readonly mode?: number;
  /** The file that is written first, in the same folder. Default: one that nobody else has, so that two writers do not meet. */
  readonly aside?: string;
}

const asideOf = (path: string): string => `${path}.${randomBytes(4).toString('hex')}.tmp`;

/** By another file and a rename: a crash leaves the old text or the new one, never half of it. */
export async function writeWhole(path: string, text: string, { mode = 0o600, aside = asideOf(path) }: WholeOptions = {}): Promise<void> {
  try {
    await writeFile(aside, text, { mode });
    await rename(aside, path);
  } catch (error) {
    await rm(aside, { force: true }).catch(() => undefined);
    throw error;
  }
}

/** The same for code that must not wait. */
export function writeWholeSync(path: string, text: string, { mode = 0o600, aside = asideOf(path) }: WholeOptions = {}): void {
  try {
    writeFileSync(aside, text, { mode });
    renameSync(aside, path);
  } catch (error) {
    rmSync(aside, { force: true });
    throw error;
  }
}
