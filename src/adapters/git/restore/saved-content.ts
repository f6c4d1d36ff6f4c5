import type { Git } from '../call/git.ts';
import { type Repository, utf8 } from '../repository/repository.ts';
import type { Saved } from '../saved/saved-refs.ts';

/** What a snapshot holds beyond the commit that its worktree stood on. */
export interface SavedContent {
  /** Changed, new or deleted files; sorted as git sorts them. */
  readonly paths: readonly string[];
  /** Of the new and changed files, in bytes. */
  readonly bytes: number;
  /** Commits below it that no branch, tag or remote holds. */
  readonly commits: number;
}

/** Reads trees alone, no file: quick for any size. */
export async function savedContent(git: Git, repository: Repository, saved: Saved): Promise<SavedContent> {
  const call = { cwd: repository.root };
  const before = saved.head ?? (await git(['hash-object', '-t', 'tree', '-w', '--stdin'], call)).stdout.trim();
  const { stdout } = await git(['diff-tree', '-r', '-z', '--no-renames', before, saved.tree], call);
  const fields = utf8(stdout).split('\0');
  const changes: { readonly path: string; readonly blob: string }[] = [];
  for (let n = 0; n + 1 < fields.length; n += 2) {
    const blob = (fields[n] ?? '').split(' ')[3] ?? '';
    changes.push({ path: fields[n + 1] ?? '', blob });
  }
  return {
    paths: changes.map(({ path }) => path),
    bytes: await sizeOf(
      git,
      call,
      changes.flatMap(({ blob }) => (/^0+$/.test(blob) || blob === '' ? [] : [blob])),
    ),
    commits: saved.head === null ? 0 : Number((await git(['rev-list', '--count', saved.head, ...HELD], call)).stdout.trim()),
  };
}

const HELD = ['--not', '--branches', '--tags', '--remotes'];

async function sizeOf(git: Git, call: { readonly cwd: string }, blobs: readonly string[]): Promise<number> {
  if (blobs.length === 0) return 0;
  const { stdout } = await git(['cat-file', '--batch-check=%(objecttype) %(objectsize)'], { ...call, input: `${blobs.join('\n')}\n` });
  const sizes = stdout.split('\n').map((line) => /^blob (\d+)$/.exec(line)?.[1]);
  return sizes.reduce((sum, size) => sum + Number(size ?? 0), 0);
}
