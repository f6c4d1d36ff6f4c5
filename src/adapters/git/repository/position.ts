import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { absent, kindOf, type PathKind, readPlainText } from '../view/files.ts';
import { type Registered, readRecordAt, recordFor } from './registry.ts';
import type { Repository } from './repository.ts';

/** What stands where a task's worktree belongs. */
export type Position =
  /** A worktree that git knows, and its folder. */
  | { readonly kind: 'ready'; readonly record: Registered }
  /** git knows it and the folder is there, but its `.git` file is gone. */
  | { readonly kind: 'unlinked'; readonly record: Registered }
  /** git knows it, the folder is gone. */
  | { readonly kind: 'gone'; readonly record: Registered }
  /** git was ended in the midst of making it: no agent was ever in it. */
  | { readonly kind: 'half-made'; readonly record: Registered; readonly folder: PathKind }
  /** Something that is not this task's worktree. */
  | { readonly kind: 'in-the-way'; readonly what: PathKind }
  | { readonly kind: 'free' };

/** The same as `lookAt`, for a worktree that is as it should be without a look at all others. */
export async function lookFor(repository: Repository, path: string): Promise<Position> {
  const [what, link] = await Promise.all([kindOf(path), kindOf(join(path, '.git'))]);
  const adminDir = what === 'folder' && link === 'file' ? await readGitLink(path) : null;
  const record = adminDir === null ? null : await readRecordAt(repository, adminDir);
  if (record?.path === path && record.locked !== 'initializing') return { kind: 'ready', record };
  return lookAt(repository, path);
}

/** Looks without changing anything. `path` is absolute. */
export async function lookAt(repository: Repository, path: string): Promise<Position> {
  const [record, what] = await Promise.all([recordFor(repository, path), kindOf(path)]);
  if (record === null) return what === 'missing' ? { kind: 'free' } : { kind: 'in-the-way', what };
  if (record.locked === 'initializing') return { kind: 'half-made', record, folder: what };
  if (what === 'missing') return { kind: 'gone', record };
  if (what !== 'folder') return { kind: 'in-the-way', what };
  const link = await kindOf(join(path, '.git'));
  if (link === 'missing') return { kind: 'unlinked', record };
  const adminDir = link === 'file' ? await readGitLink(path) : null;
  if (adminDir === null || !(await sameFolder(adminDir, record.adminDir))) return { kind: 'in-the-way', what };
  return { kind: 'ready', record };
}

/** Where the `.git` file of a worktree leads; null: it is not such a file. */
export async function readGitLink(path: string): Promise<string | null> {
  const target = /^gitdir: (.*)$/m.exec(await readPlainText(join(path, '.git')).catch(absent('')))?.[1];
  return target === undefined ? null : resolve(path, target);
}

async function sameFolder(one: string, other: string): Promise<boolean> {
  if (one === other) return true;
  const [a, b] = await Promise.all([one, other].map((path) => stat(path).catch(absent(null))));
  return a?.ino !== undefined && a.ino === b?.ino && a.dev === b.dev;
}
