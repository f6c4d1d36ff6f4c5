import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** A real repository in a temporary folder, with git run in an environment built from nothing. */
export interface GitRepo {
  /** The main checkout, its real path. */
  readonly root: string;
  /** The bare repository behind `origin`, or null. */
  readonly remote: string | null;
  /** The folder that holds everything; removed by `remove`. */
  readonly home: string;
  /** Runs git in `cwd` (default: the root); answers stdout without the last newline. Throws with stderr when git fails. */
  git(args: readonly string[], cwd?: string): string;
  /** As `git`, but answers the exit code as well and does not throw. */
  tryGit(args: readonly string[], cwd?: string, timeout?: number): { readonly code: number; readonly out: string; readonly err: string };
  write(path: string, text: string | Buffer, cwd?: string): void;
  /** Writes the files, commits everything, answers the commit. */
  commit(message: string, files?: Readonly<Record<string, string>>, cwd?: string): string;
  remove(): void;
}

export interface GitRepoOptions {
  /** A bare `origin` with the first commits pushed. Default false. */
  readonly remote?: boolean;
  /** Files of the first commit. Empty object: a repository without commits. Default: a README. */
  readonly files?: Readonly<Record<string, string>>;
  readonly branch?: string;
  readonly objectFormat?: 'sha1' | 'sha256';
  /** The name of the checkout's folder; may hold blanks and unicode. Default `repo`. */
  readonly name?: string;
}

export function makeGitRepo(options: GitRepoOptions = {}): GitRepo {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-git-')));
  const root = join(home, options.name ?? 'repo');
  const branch = options.branch ?? 'main';
  const files = options.files ?? { 'README.md': 'A repository for tests.\n' };
  mkdirSync(join(home, 'home'));
  mkdirSync(root);
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: join(home, 'home'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Test',
    GIT_AUTHOR_EMAIL: 'test@localhost',
    GIT_COMMITTER_NAME: 'Test',
    GIT_COMMITTER_EMAIL: 'test@localhost',
    GIT_EDITOR: 'true',
    LC_ALL: 'C',
  };
  const tryGit: GitRepo['tryGit'] = (args, cwd = root, timeout = 60_000) => {
    const set = ['-c', 'safe.directory=*', '-c', 'protocol.file.allow=always', '-c', 'gc.auto=0', '-c', 'advice.detachedHead=false'];
    const ran = spawnSync('git', [...set, ...args], { cwd, env, encoding: 'utf8', timeout, maxBuffer: 256 * 1024 * 1024 });
    if (ran.error !== undefined) throw ran.error;
    return { code: ran.status ?? -1, out: ran.stdout.replace(/\n$/, ''), err: ran.stderr };
  };
  const git: GitRepo['git'] = (args, cwd) => {
    const ran = tryGit(args, cwd);
    if (ran.code === 0) return ran.out;
    throw new Error(`git ${args.join(' ')} → ${ran.code}: ${ran.err}${ran.out}`);
  };
  const write: GitRepo['write'] = (path, text, cwd = root) => {
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), text);
  };
  const commit: GitRepo['commit'] = (message, added = {}, cwd = root) => {
    for (const [path, text] of Object.entries(added)) write(path, text, cwd);
    git(['add', '-A'], cwd);
    git(['commit', '--quiet', '--allow-empty', '-m', message], cwd);
    return git(['rev-parse', 'HEAD'], cwd);
  };
  const format = `--object-format=${options.objectFormat ?? 'sha1'}`;
  git(['init', '--quiet', '-b', branch, format]);
  if (Object.keys(files).length > 0) commit('First', files);
  const remote = options.remote === true ? join(home, 'origin.git') : null;
  if (remote !== null) {
    git(['init', '--quiet', '--bare', '-b', branch, format, remote]);
    git(['remote', 'add', 'origin', remote]);
    if (Object.keys(files).length > 0) git(['push', '--quiet', '-u', 'origin', branch]);
    git(['fetch', '--quiet', 'origin']);
  }
  return { root, remote, home, git, tryGit, write, commit, remove: () => rmSync(home, { recursive: true, force: true, maxRetries: 10 }) };
}
