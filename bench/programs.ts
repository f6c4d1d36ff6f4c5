import { execFileSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';

/** Programs that are measured with, or against; each is a Debian package of the same name. */
const NEEDED: readonly string[] = ['git', 'jq', 'strace', 'perl', 'bash'];

/** Gets what is missing where that is possible; throws with what it is where not. */
export function ensurePrograms(): void {
  const missing = NEEDED.filter((program) => !isOnPath(program));
  if (missing.length > 0 && process.getuid?.() === 0 && isOnPath('apt-get')) {
    const apt = (...args: string[]): void => {
      const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
      execFileSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 2, 2], timeout: 300_000, env });
    };
    apt('update');
    apt('install', '--yes', '--no-install-recommends', ...missing);
  }
  const absent = NEEDED.filter((program) => !isOnPath(program));
  if (absent.length > 0) throw new Error(`the benchmarks need ${absent.join(', ')} on PATH (Debian: apt install ${absent.join(' ')})`);
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      // Not in this folder.
      return false;
    }
  });
}
