import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { writeWhole } from '../../../files/write-whole.ts';
import { gitAtWork } from '../call/git-at-work.ts';
import { together } from '../call/together.ts';
import { besideNames } from '../repository/names-below.ts';
import { lookAt, type Position, readGitLink } from '../repository/position.ts';
import { type Registered, readHead, readRecordAt, recordFor, recordWith } from '../repository/registry.ts';
import { type Repository, readRef } from '../repository/repository.ts';
import type { Base, BaseFinder } from '../transport/base.ts';
import type { Remote } from '../transport/remote.ts';
import type { Setting } from '../view/config-text.ts';
import { writeSettings } from '../view/harmless.ts';
import { type ClearParts, forgetRecord, putAside } from './clear.ts';

export interface EnsureParts extends ClearParts {
  readonly base: BaseFinder;
  readonly remote: Pick<Remote, 'bringFiles'>;
  readonly remoteName: string | null;
  /** Of the main checkout alone, as they were at the first look. */
  readonly ownSettings: readonly Setting[];
  /** Keeps the commits that only the record of a vanished worktree still names. */
  readonly salvage: (task: Task, record: Registered) => Promise<void>;
}

/** Steps that set a position right before the worktree is there; each brings it nearer, so more means that something fights back. */
const MAX_STEPS = 6;

export interface Ensured {
  readonly adminDir: string;
  /** What the worktree has checked out; null when detached. */
  readonly branch: string | null;
  readonly created: boolean;
  readonly base: Base;
  /** The branch is new: it starts at the base. */
  readonly fresh: boolean;
}

/**
 * Brings the task's worktree into being from every starting position: look, take one step, look again.
 * A crash between two steps leaves a position that the next call sets right. The caller holds the repository's mutex.
 */
export async function ensureTree(parts: EnsureParts, task: Task, signal: AbortSignal): Promise<Ensured> {
  const path = parts.places.tree(task.id);
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const position = await lookAt(parts.repository, path);
    if (position.kind === 'ready') {
      const { adminDir, branch } = position.record;
      await linkToRecord(parts, path, adminDir);
      return { adminDir, branch, created: false, base: await parts.base.find(signal), fresh: false };
    }
    if (position.kind === 'free') return create(parts, task, path, signal);
    await clear(parts, task, path, position);
  }
  throw new PortError('retryable', `the worktree ${path} cannot be made: something keeps changing it`, {
    hint: `Look at \`git worktree list\` and at ${path}.`,
  });
}

/** Two write the files of a large checkout: up to a third faster. More would take a Raspberry Pi from the agents that run. */
const SIDE_BY_SIDE = [['checkout.workers', '2']] as const;

/**
 * One git process: everything it would be asked is read from files. It writes the worktree from what is known here while the remote is still
 * asked; what that brings moves the new branch on. Killed in between, the branch starts at the older commit, as it would have without a network.
 */
async function create(parts: EnsureParts, task: Task, path: string, signal: AbortSignal): Promise<Ensured> {
  const { git, repository, remoteName, log } = parts;
  const ref = `refs/heads/${task.branch}`;
  const pushed = async (): Promise<string | null> =>
    remoteName === null ? null : readRef(git, repository, `refs/remotes/${remoteName}/${task.branch}`);
  const add = async (start: string): Promise<void> => {
    // An existing branch is continued, never reset: -B would throw commits away.
    const what = mine === null ? ['--no-track', '-b', task.branch, path, start] : [path, task.branch];
    await mkdir(join(repository.commonDir, 'worktrees'), { recursive: true });
    await parts.remote.bringFiles(git, start, signal);
    const call = { cwd: repository.root, signal, config: SIDE_BY_SIDE, makes: true };
    const make = (): Promise<unknown> =>
      git(['worktree', 'add', '--quiet', ...what], call).catch(async (error: unknown) => {
        await undo(parts, path, mine === null ? { ref, start } : null);
        throw error;
      });
    await besideNames(
      parts,
      (wanted) => wanted === ref,
      make,
      async (name) => (await recordWith(repository, name)) !== null,
    );
  };
  const [mine] = await together([readRef(git, repository, ref), refuseElsewhere(parts, task, ref)]);
  const here = mine ?? (await pushed()) ?? (await parts.base.here());
  // Both are waited for whatever comes of the other: git is not left at work behind the mutex.
  const [found, made] = await Promise.allSettled([parts.base.find(signal), here === null ? null : add(here)]);
  if (found.status === 'rejected') throw found.reason;
  if (made.status === 'rejected') throw made.reason;
  const base = found.value;
  const theirs = mine === null ? await pushed() : null;
  const start = mine ?? theirs ?? base.commit;
  if ((mine ?? theirs) !== null) log.info('the branch exists: going on with it', { task: task.id, branch: task.branch });
  if (here === null) await add(start);
  const record = await recordOf(repository, path);
  if (record === null) throw new PortError('unknown', `git made ${path}, but has no record of it`);
  const { adminDir } = record;
  await linkToRecord(parts, path, adminDir);
  await giveSettings(parts, adminDir);
  const env = { GIT_DIR: adminDir, GIT_WORK_TREE: path };
  // Nobody has worked in it yet; a file that is in the way all the same is kept, and git says so.
  if (here !== null && here !== start) {
    await parts.remote.bringFiles(git, start, signal);
    await git(['reset', '--quiet', '--keep', start], { cwd: path, env, signal });
  }
  return { adminDir, branch: ref, created: true, base, fresh: (mine ?? theirs) === null };
}

/** The record of a worktree that was just made, without a look at all others where its own file names it. */
async function recordOf(repository: Repository, path: string): Promise<Registered | null> {
  const named = await readGitLink(path);
  const own = named === null ? null : await readRecordAt(repository, named);
  return own?.path === path ? own : recordFor(repository, path);
}

/** What a git left that was ended while it wrote the files, or could not write them: nobody has worked in there yet. */
async function undo({ git, repository, log }: EnsureParts, path: string, branch: { ref: string; start: string } | null): Promise<void> {
  const there = { cwd: repository.root, codes: [0, 1, 128] };
  try {
    const record = await recordFor(repository, path);
    // Made by somebody else, or whole: not ours to remove.
    if (record?.locked !== 'initializing') return;
    await git(['worktree', 'remove', '--force', '--force', path], there);
    if (branch !== null) await git(['update-ref', '-d', branch.ref, branch.start], there);
  } catch (error) {
    // The next try finds it half-made and sets it right.
    log.warn(`a half-made worktree could not be removed: ${String(error)}`, { path });
  }
}

/** git has written where it found the record: in a folder of ours, whose settings are not those of whoever works there. */
async function linkToRecord({ places }: EnsureParts, path: string, adminDir: string): Promise<void> {
  const named = await readGitLink(path);
  if (named?.startsWith(`${places.state}/`) === true) await writeWhole(join(path, '.git'), `gitdir: ${adminDir}\n`, { mode: 0o644 });
}

/** A worktree's own settings (a sparse checkout's, say) begin as those of the main checkout, as git has it. */
async function giveSettings({ ownSettings }: EnsureParts, adminDir: string): Promise<void> {
  if (ownSettings.length > 0) await writeWhole(join(adminDir, 'config.worktree'), writeSettings(ownSettings), { mode: 0o644 });
}

async function refuseElsewhere(parts: EnsureParts, task: Task, ref: string): Promise<void> {
  const main = await readHead(parts.repository.commonDir);
  const where = main.branch === ref ? parts.repository.root : (await recordWith(parts.repository, ref))?.path;
  if (where === undefined || where === null) return;
  throw new PortError('terminal', `the branch ${task.branch} is checked out in ${where}`, {
    hint: `Switch ${where} to another branch, or remove that worktree (\`git worktree remove\`), then retry.`,
  });
}

/** One step from a position in which no worktree can be made. Nothing of anybody's is deleted. */
async function clear(parts: EnsureParts, task: Task, path: string, position: Exclude<Position, { kind: 'ready' | 'free' }>): Promise<void> {
  const { log } = parts;
  switch (position.kind) {
    case 'unlinked':
      // Exactly what git wrote there at the start.
      await writeFile(join(path, '.git'), `gitdir: ${position.record.adminDir}\n`, { flag: 'wx' });
      log.warn('the .git file of a worktree was gone: written anew', { task: task.id, path });
      return;
    case 'in-the-way':
      await putAside(parts, task, path, position.what);
      return;
    case 'half-made':
      if (await gitAtWork(path)) {
        throw new PortError('retryable', `another git is making ${path} just now`, { hint: 'It is looked at again in a moment.' });
      }
      if (position.folder !== 'missing') await putAside(parts, task, path, position.folder);
      await forgetRecord(parts, task, path, position.record);
      return;
    case 'gone':
      await parts.salvage(task, position.record);
      await forgetRecord(parts, task, path, position.record);
      log.warn('the folder of a worktree was gone: made anew', { task: task.id, path });
      return;
  }
}
