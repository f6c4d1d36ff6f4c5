import { join } from 'node:path';
import { readSettings } from '../../adapters/git/view/config-text.ts';
import { readPlainText } from '../../adapters/git/view/files.ts';
import { filtersLeftOut, leftOutRemedy, leftOutWords } from '../../adapters/git/view/filters.ts';
import type { Refusal } from '../../adapters/git/view/layout.ts';
import type { AskProgram } from '../../adapters/machine/ask-program.ts';
import { about, type Finding } from '../finding/finding.ts';

export interface RepositoryPort {
  readonly ask: AskProgram;
  readonly root: string;
  readonly path: string;
  /** The URL of `origin`; null: none. */
  readonly origin: string | null;
  /** Why tac8 cannot work in a repository of its layout. */
  readonly refusal: () => Promise<Refusal | null>;
}

/** git takes the repository, and has a commit to start from or a remote that may have one. */
export async function checkRepository(port: RepositoryPort): Promise<readonly Finding[]> {
  const { ok, bad, unknown } = about('repository', 'Each task gets a worktree of it.');
  const refusal = await port.refusal();
  if (refusal !== null) return [bad(refusal.says, refusal.mend)];
  const git = async (...args: string[]) => port.ask('git', args, { cwd: port.root, env: gitEnvironment(port.path) });
  const head = await git('rev-parse', '--verify', '--quiet', 'HEAD^{commit}');
  if (head.kind !== 'ended') return [unknown('git did not answer')];
  if (head.code !== 0 && head.err.trim() !== '') return [unknown(head.err.trim().split('\n')[0] ?? '')];
  const commits = head.code === 0 ? ok(`${port.root} at ${head.out.trim().slice(0, 12)}`) : null;
  if (port.origin === null) return [commits ?? bad('there is no commit yet to start a worktree from', 'git commit')];
  // Whether the remote has the base branch, it is asked itself.
  return [commits ?? ok('no commit here yet; the base is fetched from the remote')];
}

/** As the daemon runs git: nothing of a person's own settings. */
const gitEnvironment = (path: string): Record<string, string> => ({
  ...{ PATH: path, HOME: '/nonexistent', LC_ALL: 'C', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
  ...{ GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', GIT_NO_REPLACE_OBJECTS: '1' },
  // What a partial clone lacks is not fetched: over what, the settings say, and every worker can write them.
  GIT_ALLOW_PROTOCOL: 'none',
  // Whose the files are was looked at before, with the person's own settings.
  ...{ GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' },
});

/** Filters of git (LFS, git-crypt) that the repository names and tac8 does not run. */
export async function checkFilters(root: string, gitDir: string, allowed: readonly string[]): Promise<readonly Finding[]> {
  const { ok, warn } = about('filters', 'A filter is a program that git runs on files; every worker can name one in the repository.');
  const leftOut = await filtersLeftOut(root, gitDir, allowed);
  if (leftOut.length > 0) return [warn(leftOutWords(leftOut), leftOutRemedy(leftOut))];
  return [ok(allowed.length === 0 ? 'no filter is run' : `allowed: ${allowed.join(', ')}`)];
}

const MOST = 1024 * 1024;
/** Settings by which git runs a program of the worktree that it works in. */
const RUN_THERE = ['core.hookspath', 'core.fsmonitor'];

/** A path that is none of the whole machine's leads into the worktree, which its worker writes: the person's own git runs what is there, in no sandbox. */
export async function checkHooks(gitDir: string): Promise<readonly Finding[]> {
  const { ok, warn } = about('hooks', 'Your own git runs the hooks that its settings name, in a worktree of a worker too.');
  const config = await readPlainText(join(gitDir, 'config'), MOST).catch(() => '');
  const leading = (readSettings(config) ?? []).flatMap(([key, value]) =>
    RUN_THERE.includes(key) && !/^(?:[/~].*|true|false|yes|no|on|off|\d*)$/i.test(value)
      ? [`${key === RUN_THERE[0] ? 'core.hooksPath' : 'core.fsmonitor'} is ${value}`]
      : [],
  );
  if (leading.length === 0) return [ok('none of them lie in a worktree')];
  return [
    warn(
      `${leading.join(', ')}: a path in each worktree, so that your own git in a worker's worktree runs a file that the worker may have written`,
      'look at it with `tac8 diff N`, or with `git -c core.hooksPath=/dev/null -c core.fsmonitor=false`; tac8 itself runs none',
    ),
  ];
}
