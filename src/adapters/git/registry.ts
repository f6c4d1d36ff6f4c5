import { readdir, readFile, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { absent } from './files.ts';
import type { Repository } from './repository.ts';

/** One of git's records of a worktree. */
export interface Registered {
  /** Its private folder, `<common>/worktrees/<id>`; for the main checkout the common folder itself. */
  readonly adminDir: string;
  /** Where the worktree is, or was. Null: the record is half written. */
  readonly path: string | null;
  /** `refs/heads/…`; null when detached or unreadable. */
  readonly branch: string | null;
  /** The commit of a detached HEAD. */
  readonly detached: string | null;
  /** The reason for a lock, null without one. git itself writes `initializing` while it makes a worktree. */
  readonly locked: string | null;
}

/** All worktrees but the main checkout, read from git's own files without a process. */
export async function readRegistry(repository: Repository): Promise<Registered[]> {
  const folder = join(repository.commonDir, 'worktrees');
  const names = await readdir(folder).catch(absent<string[]>([]));
  return Promise.all(names.map((name) => readRecord(join(folder, name))));
}

async function readRecord(adminDir: string): Promise<Registered> {
  const [gitdir, head, locked] = await Promise.all(
    ['gitdir', 'HEAD', 'locked'].map((name) => readFile(join(adminDir, name), 'utf8').catch(absent(null))),
  );
  const pointer = gitdir?.trim() ?? '';
  return {
    adminDir,
    path: pointer === '' ? null : dirname(resolve(adminDir, pointer)),
    ...parseHead(head ?? ''),
    locked: locked?.trim() ?? null,
  };
}

/** What the checkout of this private (or the common) folder has checked out. */
export async function readHead(gitDir: string): Promise<Pick<Registered, 'branch' | 'detached'>> {
  return parseHead(await readFile(join(gitDir, 'HEAD'), 'utf8').catch(absent('')));
}

function parseHead(text: string): Pick<Registered, 'branch' | 'detached'> {
  const line = text.trim();
  if (line.startsWith('ref: ')) return { branch: line.slice(5).trim(), detached: null };
  return { branch: null, detached: line === '' ? null : line };
}

/** The record of the worktree at `path`, whose folder need not exist; links in the folders above it are looked through. */
export async function findRegistered(registry: readonly Registered[], path: string): Promise<Registered | null> {
  const direct = registry.find((record) => record.path === path);
  if (direct !== undefined) return direct;
  const parent = await realpath(dirname(path)).catch(absent(dirname(path)));
  const real = join(parent, basename(path));
  return registry.find((record) => record.path === real) ?? null;
}
