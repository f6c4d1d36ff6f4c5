import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { absent, readPlainText } from '../view/files.ts';
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

/** The record that the `.git` file of a worktree names, if it is one of this repository; null: it is not there. */
export async function readRecordAt(repository: Repository, adminDir: string): Promise<Registered | null> {
  if (dirname(adminDir) !== join(repository.commonDir, 'worktrees')) return null;
  const record = await readRecord(adminDir);
  return record.path === null ? null : record;
}

async function readRecord(adminDir: string): Promise<Registered> {
  const [gitdir, head, locked] = await Promise.all(
    ['gitdir', 'HEAD', 'locked'].map((name) => readPlainText(join(adminDir, name)).catch(absent(null))),
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
  return parseHead(await readPlainText(join(gitDir, 'HEAD')).catch(absent('')));
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
