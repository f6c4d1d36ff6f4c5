import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import type { Repository } from '../repository/repository.ts';
import type { Source } from '../repository/source.ts';
import { absent, readPlainText } from '../view/files.ts';

/** Files of a worktree's private folder that name commits: operations under way, and their stashes. */
const HEADS = ['MERGE_HEAD', 'MERGE_AUTOSTASH', 'CHERRY_PICK_HEAD', 'REVERT_HEAD', 'REBASE_HEAD', 'ORIG_HEAD', 'logs/HEAD'];
const REBASE = ['orig-head', 'autostash', 'stopped-sha'].flatMap((name) => [`rebase-merge/${name}`, `rebase-apply/${name}`]);

/**
 * Commits that go when the worktree goes: those that only its reflog, a merge or rebase under way, or refs of its own name,
 * and that neither `head` nor any branch, tag or stash holds. Answers their tips.
 */
export async function looseCommits(git: Git, repository: Repository, source: Source, head: string | null): Promise<string[]> {
  if (source.record === null) return [];
  const texts = await together([...HEADS, ...REBASE].map((name) => readPlainText(join(source.gitDir, name)).catch(absent(''))));
  texts.push(...(await refsBelow(join(source.gitDir, 'refs'))));
  const named = new Set(texts.join('\n').match(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/g) ?? []);
  const wanted = [...named].filter((id) => !/^0+$/.test(id) && id !== head);
  if (wanted.length === 0) return [];
  if (head !== null && (await areBehind(git, repository, head, wanted))) return [];
  // refs/tac8 does not count: each snapshot holds what it saves by itself, so that older ones can be dropped.
  const held = ['--branches', '--remotes', '--tags', '--glob=refs/stas[h]'];
  const input = [...wanted, ...(head === null ? [] : [`^${head}`])].map((line) => `${line}\n`).join('');
  const args = ['rev-list', '--parents', '--ignore-missing', '--stdin', '--not', ...held];
  const { stdout } = await git(args, { cwd: repository.root, input });
  const lines = stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split(' '));
  const parents = new Set(lines.flatMap((ids) => ids.slice(1)));
  return lines.flatMap(([id]) => (id === undefined || parents.has(id) ? [] : [id]));
}

/** What a commit comes after stays the same for ever. */
const behind = new WeakMap<Repository, Map<string, string>>();
const REMEMBERED = 500;

/** Are all of them in the history of `head`? Asked once: an agent that only commits is answered without a process. */
async function areBehind(git: Git, repository: Repository, head: string, wanted: readonly string[]): Promise<boolean> {
  const known = behind.get(repository) ?? new Map<string, string>();
  behind.set(repository, known);
  const all = wanted.toSorted().join(' ');
  if (known.get(head) === all) return true;
  const input = [...wanted, `^${head}`].map((line) => `${line}\n`).join('');
  const args = ['rev-list', '--max-count=1', '--ignore-missing', '--stdin'];
  if ((await git(args, { cwd: repository.root, input })).stdout !== '') return false;
  if (known.size >= REMEMBERED) known.clear();
  known.set(kept(head), kept(all));
  return true;
}

/** In memory of its own: an id that was cut out of a reflog would keep the whole of it. */
const kept = (ids: string): string => Buffer.from(ids, 'latin1').toString('latin1');

async function refsBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true }).catch(absent([]));
  return together(
    entries.filter((entry) => entry.isFile()).map((entry) => readPlainText(join(entry.parentPath, entry.name)).catch(absent(''))),
  );
}
