import { execFile } from 'node:child_process';

export type Git = (cwd: string, args: readonly string[]) => Promise<string>;

/** Git with an environment built from nothing, at most 30 s per call. Throws with git's own words. */
export function createGit(env: Readonly<Record<string, string>>): Git {
  const full = { ...env, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0', LC_ALL: 'C' };
  return (cwd, args) =>
    new Promise((resolve, reject) => {
      execFile('git', [...args], { cwd, env: full, timeout: 30_000, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
        if (error === null) resolve(stdout.trimEnd());
        else if ('code' in error && error.code === 'ENOENT') reject(new Error('git is not installed, or not on PATH'));
        else reject(new Error(`git ${args.join(' ')}: ${stderr.trim() || error.message}`));
      });
    });
}
