import { randomUUID } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { type Repository, readRef, utf8 } from '../repository/repository.ts';
import { adoptPack } from './adopt.ts';

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
    await together(files.map((file) => rm(file, { force: true })));
  }
}

/**
 * Takes the objects in that another repository sent: git checks each, and that nothing which the refs need is missing. No ref moves. Throws a
 * terminal PortError when anything is not as it should be. `folder`: where the pack may lie meanwhile.
 */
export async function admitPack(git: Git, repository: Repository, folder: string, { refs, bytes }: Pack): Promise<void> {
  const names = Object.entries(refs);
  const odd = names.find(([name, commit]) => !REF.test(name) || name.includes('..') || !COMMIT.test(commit));
  if (odd !== undefined) throw new PortError('terminal', `${odd[0]} ${odd[1]} is no ref that another machine may bring`);
  if (bytes !== null) await adopt(git, repository, folder, bytes);
  const tips = [...new Set(names.map(([, commit]) => commit))];
  // Walks all that is not reachable from what stands here, and fails at what is missing.
  if (tips.length > 0) await git(['rev-list', '--objects', '--quiet', ...tips, '--not', '--branches'], { cwd: repository.root });
}

/** Moves refs to commits that are here, whatever they stood at; their logs remember that. */
export async function moveRefs(git: Git, repository: Repository, refs: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, commit] of Object.entries(refs)) {
    const before = await readRef(git, repository, name);
    const old = before ?? '0'.repeat(commit.length);
    if (before !== commit) await git(['update-ref', '--create-reflog', name, commit, old], { cwd: repository.root });
  }
}

async function adopt(git: Git, repository: Repository, folder: string, bytes: Buffer): Promise<void> {
  const file = join(folder, `parcel-${randomUUID()}`);
  try {
    await writeFile(file, bytes, { mode: 0o600 });
    await adoptPack(git, repository, file);
  } catch (error) {
    if (error instanceof PortError && error.sort === 'retryable') throw error;
    throw new PortError('terminal', `git refuses what another machine sent: ${messageOf(error)}`, { cause: error });
  } finally {
    await rm(file, { force: true });
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
