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

/** The branch that the remote's HEAD names, as git noted it at the clone; else the one that is checked out here. */
export function headBranch(gitDir: string): string {
  const named = (path: string, prefix: string): string | null => {
    try {
      const target = /^ref: (.+)$/m.exec(readFileSync(join(gitDir, path), 'utf8'))?.[1]?.trim() ?? '';
      return target.startsWith(prefix) ? target.slice(prefix.length) : null;
    } catch {
      return null;
    }
  };
  return named('refs/remotes/origin/HEAD', 'refs/remotes/origin/') ?? named('HEAD', 'refs/heads/') ?? 'main';
}
