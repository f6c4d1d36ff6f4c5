import { execFileSync } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadConfig } from './config/load.ts';
import { renderProblems } from './config/problems.ts';
import type { Settings } from './config/settings.ts';
import { PortError } from './engine/ports.ts';

/** A repository that tac8 works on, and where everything of it is. All paths are absolute. */
export interface Project {
  readonly root: string;
  /** git's own folder, shared by all worktrees. */
  readonly gitDir: string;
  readonly state: string;
  readonly database: string;
  /** The lock is taken in both places. */
  readonly locks: readonly [string, ...string[]];
  readonly wakeFile: string;
  readonly logs: string;
  readonly board: string;
  readonly settings: Settings;
}

/** Finds the main checkout from any folder of it or of its worktrees, and reads its configuration. */
export function openProject(from: string, env: Readonly<Record<string, string | undefined>>): Project {
  const { root, gitDir } = findRepository(from);
  const loaded = loadConfig(root, env);
  if (!loaded.ok) throw new ConfigError(loaded.problems);
  const state = join(root, '.tac8');
  return {
    root,
    gitDir,
    state,
    database: resolve(root, loaded.config.store.path),
    locks: [join(state, 'lock.db'), join(gitDir, 'tac8-lock.db')],
    wakeFile: join(state, 'wake'),
    logs: join(root, 'logs'),
    board: join(root, 'tasks.md'),
    settings: loaded.config,
  };
}

type Problems = Extract<ReturnType<typeof loadConfig>, { ok: false }>['problems'];

/** Every mistake in `tac8.yaml` at once. */
export class ConfigError extends Error {
  readonly problems: Problems;
  constructor(problems: Problems) {
    super(renderProblems(problems));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

function findRepository(from: string): { root: string; gitDir: string } {
  const ask = (...args: string[]): string =>
    execFileSync('git', ['-C', from, 'rev-parse', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 10_000,
    }).trim();
  const quick = quickRoot(from);
  if (quick !== null) return quick;
  try {
    const gitDir = realpathSync(resolve(from, ask('--git-common-dir')));
    if (ask('--is-bare-repository') === 'true')
      throw new PortError('terminal', `${gitDir} is a bare repository`, { hint: 'Run tac8 in a checkout.' });
    return { root: dirname(gitDir), gitDir };
  } catch (error) {
    if (error instanceof PortError) throw error;
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      throw new PortError('terminal', 'git is not installed, or not on PATH');
    throw new PortError('terminal', `${from} is not in a git repository`, {
      hint: 'Run tac8 in your repository, or `git init` first; `tac8 demo` shows it without one.',
    });
  }
}

/** The common case without a process: a folder with a `.git` folder in it. */
function quickRoot(from: string): { root: string; gitDir: string } | null {
  if (!existsSync(from)) return null;
  const root = realpathSync(from);
  const gitDir = join(root, '.git');
  return existsSync(join(gitDir, 'HEAD')) ? { root, gitDir } : null;
}
