import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encode } from './bytes.ts';
import { codeOf, discard, fault } from './file.ts';

/** Texts that are kept for a day because they may hold words that stand nowhere else. */
export interface Copies {
  /** Answers the copy's path. */
  keep(text: string): Promise<string>;
  /** Keeps a file by moving it here; where that fails it stays where it is. Answers its path. */
  move(from: string): Promise<string>;
  /** Removes those that are older than a day. */
  sweep(): Promise<void>;
}

export function openCopies(dir: string, keepMs: number): Copies {
  let count = 0;
  const newName = (): string => {
    count += 1;
    return join(dir, `${new Date().toISOString().replaceAll(':', '-')}-${process.pid}-${count}.md`);
  };
  return {
    async keep(text) {
      const path = newName();
      try {
        await mkdir(dir, { recursive: true });
        await writeFile(path, encode(text), { mode: 0o600, flush: true });
      } catch (error) {
        throw fault(error, path, 'write');
      }
      return path;
    },
    async move(from) {
      const path = newName();
      try {
        await mkdir(dir, { recursive: true });
        await rename(from, path);
        return path;
      } catch (error) {
        if (codeOf(error) === 'ENOENT') throw fault(error, from, 'keep');
        return from;
      }
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
