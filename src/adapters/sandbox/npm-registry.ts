import { spawnSync } from 'node:child_process';

const LIMIT = 10_000;

/** Host, and port where it is not 443, of the registry of a person's npm; none where there is no npm. Asked outside of every repository. */
export function npmRegistry(path: string, home: string): readonly string[] {
  const { stdout } = spawnSync('npm', ['config', 'get', 'registry'], {
    cwd: '/',
    env: { PATH: path, HOME: home },
    encoding: 'utf8',
    timeout: LIMIT,
  });
  try {
    return [new URL(stdout.trim()).host];
  } catch {
    return [];
  }
}
