import { join } from 'node:path';
import { readPlainSync } from '../files/open-plain.ts';

/** Bytes of one of git's own files. */
const MOST = 1 << 20;

/** `origin`; where there is none of that name, the only remote there is; null: none, or nobody can tell which. */
export function remoteName(gitDir: string): string | null {
  const names = linesOf(gitDir).flatMap((line) => /^\s*\[remote "([^"\\]+)"\]/.exec(line)?.[1] ?? []);
  if (names.includes('origin')) return 'origin';
  const [only, ...others] = new Set(names);
  return others.length === 0 ? (only ?? null) : null;
}

/** The URL of that remote, read from git's config file, as `git remote get-url` would cost a process at every start; null: none. */
export function originUrl(gitDir: string): string | null {
  return urlIn(linesOf(gitDir), remoteName(gitDir) ?? 'origin');
}

function linesOf(gitDir: string): readonly string[] {
  try {
    return readPlainSync(join(gitDir, 'config'), MOST).split('\n');
  } catch {
    return [];
  }
}

/** A worker can write that file: each line is looked at once. */
function urlIn(lines: readonly string[], name: string): string | null {
  const begin = lines.findIndex((line) => line.trimEnd() === `[remote "${name}"]`);
  if (begin === -1) return null;
  for (const line of lines.slice(begin + 1)) {
    if (line.trim() !== '' && !/^\s/.test(line)) return null;
    const equals = line.indexOf('=');
    const value = line.slice(equals + 1).trim();
    if (equals !== -1 && line.slice(0, equals).trim() === 'url' && value !== '') return value;
  }
  return null;
}

/** The branch that is checked out here: what stands in for the remote's default branch as long as nobody could ask for it. */
export function headBranch(gitDir: string): string {
  const named = (path: string, prefix: string): string | null => {
    try {
      const target = /^ref: (.+)$/m.exec(readPlainSync(join(gitDir, path), MOST))?.[1]?.trim() ?? '';
      return target.startsWith(prefix) ? target.slice(prefix.length) : null;
    } catch {
      return null;
    }
  };
  return named('HEAD', 'refs/heads/') ?? 'main';
}
