import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from './bytes.ts';
import { discard, fault } from './file.ts';

/** Texts that are kept for a day because they may hold words that stand nowhere else. */
export interface Copies {
  /** Answers the copy's path. */
  keep(text: string): Promise<string>;
  /** Removes those that are older than a day. */
  sweep(): Promise<void>;
}

export function openCopies(dir: string, keepMs: number): Copies {
  let count = 0;
  return {
    async keep(text) {
      count += 1;
      const when = new Date().toISOString().replaceAll(':', '-');
      const path = join(dir, `${when}-${process.pid}-${count}.md`);
      try {
        await mkdir(dir, { recursive: true });
        await writeFile(path, encode(text), { mode: 0o600, flush: true });
      } catch (error) {
        throw fault(error, path, 'write');
      }
      return path;
    },
    async sweep() {
      await mkdir(dir, { recursive: true });
      for (const name of await readdir(dir)) {
        const path = join(dir, name);
        if (Date.now() - (await stat(path)).mtimeMs > keepMs) await discard(path);
      }
    },
  };
}
