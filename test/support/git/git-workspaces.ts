import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { createWorkspaces, type GitWorkspaces, type WorkspacesOptions } from '../../../src/adapters/git/workspaces.ts';
import { createJobs } from '../../../src/adapters/process/jobs.ts';
import type { RunId, Task, TaskId } from '../../../src/core/model/task.ts';
import { type GitRepo, type GitRepoOptions, makeGitRepo } from './git-repo.ts';

export const RUN: RunId = 'w-aaaaaa';
export const NEVER = new AbortController().signal;

/** A pending task with the branch `auto/<id>`. */
export function pendingTask(id: TaskId): Task {
  return {
    id,
    title: `Task ${id}`,
    priority: 2,
    labels: [],
    addedAt: 0,
    order: null,
    branch: `auto/${id}`,
    attempts: 0,
    runs: 0,
    pull: null,
    pausedAt: null,
    armedBy: 'label',
    version: 1,
    state: 'pending',
    retryAt: null,
    last: null,
    resume: null,
  };
}

/** A repository, worktrees in it, and what was logged. */
export interface GitWorld extends GitRepo {
  readonly spaces: GitWorkspaces;
  readonly logged: { readonly level: string; readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  readonly task: Task;
  /** The worktree of `task`. */
  readonly tree: string;
  ensure(): ReturnType<GitWorkspaces['ensure']>;
  /** Another adapter on the same repository, as after a restart of the daemon. */
  again(options?: Partial<WorkspacesOptions>): GitWorkspaces;
}

/** The adapter on a checkout of any layout. */
export const spacesIn = (
  at: { readonly root: string; readonly home: string; readonly remote: string | null },
  more: Partial<WorkspacesOptions> = {},
): GitWorkspaces => createWorkspaces({ ...optionsFor(at), ...more });

const optionsFor = ({
  root,
  home,
  remote,
}: {
  readonly root: string;
  readonly home: string;
  readonly remote: string | null;
}): WorkspacesOptions => ({
  root,
  dir: 'trees',
  baseBranch: null,
  remote,
  branchPrefix: 'auto/',
  setup: null,
  setupTimeoutMs: () => 10_000,
  setupEnv: async () => ({ PATH: process.env.PATH ?? '', HOME: join(home, 'job-home') }),
  setupNames: [],
  jobs: createJobs({ dir: join(root, '.tac8', 'runs', 'jobs'), most: () => 1_000_000 }),
  includeFile: '.worktreeinclude',
  saveGlobs: [],
  useUserGitConfig: false,
  gitTimeoutMs: () => 15_000,
});

export function makeGitWorld(repoOptions: GitRepoOptions = {}, options: Partial<WorkspacesOptions> = {}): GitWorld {
  const repo = makeGitRepo(repoOptions);
  const logged: GitWorld['logged'] = [];
  const note =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}): void => {
      logged.push({ level, message, fields });
    };
  const again = (more: Partial<WorkspacesOptions> = {}): GitWorkspaces =>
    createWorkspaces({
      ...optionsFor({ root: repo.root, home: repo.home, remote: 'origin' }),
      log: { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') },
      ...options,
      ...more,
    });
  const spaces = again();
  const task = pendingTask('gh-1');
  const tree = join(repo.root, 'trees', 'gh-1');
  return { ...repo, spaces, logged, task, tree, again, ensure: () => spaces.ensure(task, NEVER) };
}

/** Every file below a folder as `path → content` (bytes as latin1), without `.git`; a link as `→ target`. */
export function contentOf(folder: string, below = ''): Record<string, string> {
  const found: Record<string, string> = {};
  const at = (path: string): Buffer => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')]);
  for (const name of readdirSync(at(below), 'latin1').sort()) {
    if (name === '.git') continue;
    const path = below === '' ? name : `${below}/${name}`;
    const entry = lstatSync(at(path));
    if (entry.isDirectory()) Object.assign(found, contentOf(folder, path));
    else if (entry.isSymbolicLink()) found[path] = `→ ${readlinkSync(at(path), 'latin1')}`;
    else found[path] = `${(entry.mode & 0o111) === 0 ? '' : 'x '}${readFileSync(at(path), 'latin1')}`;
  }
  return found;
}
