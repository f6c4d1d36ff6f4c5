import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Refusal, refusalOf } from '../../../src/adapters/git/view/layout.ts';
import { remoteName } from '../../../src/place/origin.ts';
import { findPlace, type Place, refusesOwner } from '../../../src/place/place.ts';
import type { GitRepo } from './git-repo.ts';
import { NEVER, pendingTask, RUN, spacesIn } from './git-workspaces.ts';

/** A repository that tac8 works in. */
export interface Works {
  /** Makes it; answers where a person starts tac8, and where the checkout is if that is elsewhere. */
  readonly make: () => string | { readonly from: string; readonly root: string };
  /** Where the branch arrives; default: the remote. */
  readonly arrives?: () => string;
  /** What else has to be so, once it has arrived. */
  readonly after?: (root: string, tree: string) => void;
}

export const refused = (place: Place, isNew = true): Promise<Refusal | null> =>
  refusalOf({ ...place, isNew, branchPrefix: 'auto/', refusesOwner: () => refusesOwner(place) });

/** The checkout is found from its root and from a task's worktree, and a task goes from its worktree to a pushed branch. */
export async function goesThrough(repo: GitRepo, { make, arrives, after }: Works): Promise<void> {
  const made = make();
  const { from, root } = typeof made === 'string' ? { from: made, root: made } : made;
  const place = await findPlace(from, {});
  expect(place.root).toBe(root);
  expect(await refused(place)).toBeNull();
  const spaces = spacesIn({ root, home: repo.home, remote: remoteName(place.gitDir) ?? 'origin' });
  const task = pendingTask('gh-1');
  await spaces.prepareRepository();
  const { path, baseCommit } = await spaces.ensure(task, NEVER);
  expect((await findPlace(path, {})).root).toBe(root);
  writeFileSync(join(path, 'work.txt'), 'w');
  expect(await spaces.commitWip(task, 'The work')).not.toBeNull();
  expect((await spaces.inspect(task, baseCommit)).commits).toBe(1);
  const { commit } = await spaces.push(task, NEVER);
  const to = gitDirOf(arrives?.() ?? repo.remote ?? '');
  expect(execFileSync('git', ['--git-dir', to, 'rev-parse', 'refs/heads/auto/gh-1'], { encoding: 'utf8' }).trim()).toBe(commit);
  after?.(root, path);
  await spaces.save(task, RUN, 'the end');
  await spaces.remove(task, RUN);
  expect(existsSync(path)).toBe(false);
}

const gitDirOf = (path: string): string => (existsSync(join(path, '.git')) ? join(path, '.git') : path);
