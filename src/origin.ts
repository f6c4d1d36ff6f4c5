import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The URL of `origin`, read from git's config file, as `git remote get-url` would cost a process at every start; null: none. */
export function originUrl(gitDir: string): string | null {
  try {
    const config = readFileSync(join(gitDir, 'config'), 'utf8');
    const section = /^\[remote "origin"\]\s*\n((?:[ \t]+.*\n?|\s*\n)*)/m.exec(config)?.[1] ?? '';
    return /^\s*url\s*=\s*(.+?)\s*$/m.exec(section)?.[1] ?? null;
  } catch {
    return null;
  }
}
