import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import { type Repository, readRef, utf8 } from '../repository/repository.ts';

/** Commits on their way to another repository: a pack of git's own format, and the refs that it brings. */
export interface Pack {
  readonly refs: Readonly<Record<string, string>>;
  /** Null: the other repository has all of it already. */
  readonly bytes: Buffer | null;
}

/** More than this is not sent in one piece. */
export const LARGEST_PACK = 256 * 1024 * 1024;
const COMMIT = /^[0-9a-f]{40}(?:[0-9a-f]{24})?$/;
const REF = /^refs\/(?:heads|tac8\/saved)\/[^\s~^:?*[\\]+$/;

/** The commits of these refs, without those that the other repository says it has. `have` may name what is not here. */
export async function makePack(
  git: Git,
  repository: Repository,
  folder: string,
  refs: Readonly<Record<string, string>>,
  have: readonly string[],
): Promise<Pack> {
  const cwd = repository.root;
  const wanted = [...new Set(Object.values(refs))];
  const known = await onesHere(git, cwd, have);
  const missing = wanted.filter((commit) => !known.includes(commit));
  if (missing.length === 0) return { refs, bytes: null };
  const input = [...missing, ...known.map((commit) => `^${commit}`), ''].join('\n');
  const { stdout } = await git(['pack-objects', '--revs', '--quiet', '--delta-base-offset', join(folder, 'out')], { cwd, input });
  const name = stdout.trim();
  if (!COMMIT.test(name)) return { refs, bytes: null };
  const files = ['pack', 'idx', 'rev'].map((ending) => join(folder, `out-${name}.${ending}`));
  try {
    const bytes = await readFile(files[0] ?? '');
    if (bytes.length > LARGEST_PACK) throw new PortError('terminal', `the commits take ${bytes.length} bytes, more than ${LARGEST_PACK}`);
    return { refs, bytes };
  } finally {
    await Promise.all(files.map((file) => rm(file, { force: true })));
  }
}

/**
 * Takes a pack in that another repository sent: git checks each object, that nothing which the refs need is missing, and only then the refs
 * move. Throws a terminal PortError when anything of it is not as it should be; then no ref has moved.
 */
export async function takePack(git: Git, repository: Repository, { refs, bytes }: Pack): Promise<void> {
  const cwd = repository.root;
  const names = Object.entries(refs);
  const odd = names.find(([name, commit]) => !REF.test(name) || name.includes('..') || !COMMIT.test(commit));
  if (odd !== undefined) throw new PortError('terminal', `${odd[0]} ${odd[1]} is no ref that another machine may bring`);
  if (bytes !== null) await git(['index-pack', '--strict', '--stdin'], { cwd, input: bytes.toString('latin1') });
  const tips = [...new Set(names.map(([, commit]) => commit))];
  if (tips.length === 0) return;
  // Walks all that is not reachable from what stands here, and fails at what is missing.
  await git(['rev-list', '--objects', '--quiet', ...tips, '--not', '--branches'], { cwd });
  for (const [name, commit] of names) {
    const before = await readRef(git, repository, name);
    if (before !== commit) await git(['update-ref', '--create-reflog', name, commit, before ?? '0'.repeat(commit.length)], { cwd });
  }
}

async function onesHere(git: Git, cwd: string, commits: readonly string[]): Promise<readonly string[]> {
  const asked = [...new Set(commits)].filter((commit) => COMMIT.test(commit));
  if (asked.length === 0) return [];
  const { stdout } = await git(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { cwd, input: `${asked.join('\n')}\n` });
  return [...stdout.matchAll(/^([0-9a-f]+) commit$/gm)].map(([, commit = '']) => commit);
}

/** The refs below these names as they stand, by name. */
export async function refsBelow(git: Git, repository: Repository, names: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(refname)', ...names], { cwd: repository.root });
  return Object.fromEntries([...utf8(stdout).matchAll(/^([0-9a-f]+) (.+)$/gm)].map(([, commit = '', name = '']) => [name, commit]));
}
