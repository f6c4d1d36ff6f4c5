import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import { newGitlinks } from '../packs/onto-branch.ts';
import type { Registered } from '../repository/registry.ts';
import { absent, readPlainText } from '../view/files.ts';
import { KEPT } from './make.ts';
import type { Said } from './script.ts';

/** The worktree's own record outside, brought to where the worker's is inside; by the objects that were taken over before. */
export interface Mirror {
  readonly git: Git;
  readonly record: Registered & { readonly path: string };
  /** The one branch that is the worker's. */
  readonly branch: string;
  /** A private folder, on git's own disk or not. */
  readonly scratch: string;
  /** Those of the repository and of the worktree's record as they stood before anything was taken over. */
  readonly refs: ReadonlyMap<string, string>;
}

interface Index {
  /** Where the worktree stands was taken over before, and may have been set right outside since. */
  readonly isKnown: boolean;
  readonly isGood: boolean;
}

export async function mirror(at: Mirror, said: Said, others: ReadonlyMap<string, string>, { isKnown, isGood }: Index): Promise<void> {
  await together([keepRefs(at, others, said.stash), isKnown ? null : stand(at, said, isGood)]);
}

async function stand(at: Mirror, said: Said, isGood: boolean): Promise<void> {
  const { record, branch } = at;
  const head = said.on === branch ? `ref: ${branch}\n` : said.head === null ? null : `${said.head}\n`;
  if (said.log !== null) await put(at, 'logs/HEAD', said.log);
  if (head !== null && head !== (await readPlainText(join(record.adminDir, 'HEAD')).catch(absent('')))) await put(at, 'HEAD', head);
  if (said.index === null) return;
  if (isGood) return put(at, 'index', said.index);
  await at.git(['read-tree', '--reset', 'HEAD'], { ...callOf(at.record), codes: [0, 128] });
  await at.git(['update-index', '-q', '--refresh'], { ...callOf(at.record), codes: [0, 1, 128] });
}

async function put({ record, scratch }: Mirror, name: string, content: Buffer | string): Promise<void> {
  const aside = join(record.adminDir, `tac8-${randomUUID()}`);
  await mkdir(scratch, { recursive: true });
  await mkdir(join(record.adminDir, 'logs'), { recursive: true });
  await writeFile(aside, content, { mode: 0o644 });
  await rename(aside, join(record.adminDir, name));
}

export const callOf = ({ adminDir, path }: Mirror['record']) => ({ cwd: path, env: { GIT_DIR: adminDir, GIT_WORK_TREE: path } });

/** Whether it can stand outside as it is: git reads it, and all that it names is here; else it becomes what HEAD has. A repository inside is none of its. */
export async function isGoodIndex(at: Mirror, said: Said, index: Buffer): Promise<boolean> {
  const head = (said.on === at.branch ? said.tip : said.head) ?? 'HEAD';
  const { git, scratch } = at;
  const file = join(scratch, randomUUID());
  const call = { ...callOf(at.record), env: { ...callOf(at.record).env, GIT_INDEX_FILE: file } };
  try {
    await mkdir(scratch, { recursive: true });
    await writeFile(file, index, { mode: 0o600 });
    const { code, stdout } = await git(['diff-index', '--cached', '--raw', '-z', '--no-abbrev', '--no-renames', head, '--'], {
      ...call,
      codes: [0, 1, 128],
    });
    return code !== 128 && newGitlinks(stdout).length === 0 && (await areHere(at, stdout));
  } finally {
    await rm(file, { force: true });
  }
}

async function areHere(at: Mirror, raw: string): Promise<boolean> {
  const ids = [...raw.matchAll(/:\d{6} (?!000000|160000)\d{6} [0-9a-f]+ ([0-9a-f]+) /g)].map(([, id]) => id);
  const wanted = ids.filter((id) => id !== undefined && !/^0+$/.test(id));
  if (wanted.length === 0) return true;
  const { stdout } = await at.git(['cat-file', '--batch-check'], { ...callOf(at.record), input: wanted.map((id) => `${id}\n`).join('') });
  return !stdout.includes(' missing\n');
}

/** Branches, tags and stashes of the worker's own: kept by the worktree's record, where a snapshot finds them and nobody else looks. */
async function keepRefs(at: Mirror, others: ReadonlyMap<string, string>, stash: readonly string[]): Promise<void> {
  const wanted = new Map([...others].map(([ref, id]) => [`${KEPT}${ref.slice('refs'.length)}`, id]));
  for (const [n, id] of stash.entries()) wanted.set(`${KEPT}/stash/${String(n).padStart(3, '0')}`, id);
  const there = new Map([...at.refs].filter(([ref]) => ref.startsWith(`${KEPT}/`)));
  const gone = [...there.keys()].filter((ref) => !wanted.has(ref)).map((ref) => `delete ${ref}\0\0`);
  const moved = [...wanted].filter(([ref, id]) => there.get(ref) !== id).map(([ref, id]) => `update ${ref}\0${id}\0\0`);
  // One at a time: `a` has to be gone before there is an `a/b`.
  for (const lines of [gone, moved])
    if (lines.length > 0) await at.git(['update-ref', '--stdin', '-z'], { ...callOf(at.record), input: lines.join('') });
}
