import type { Git, GitCall } from '../call/git.ts';
import { type Repository, readRef } from '../repository/repository.ts';
import type { Source } from '../repository/source.ts';

/** What a source comes after; both null: no commit. */
export interface Head {
  readonly commit: string | null;
  readonly tree: string | null;
}

/** A commit's tree is the same for ever. */
const trees = new WeakMap<Repository, Map<string, string>>();
const REMEMBERED = 500;
/** Many worktrees that end at the same moment come after the same commit: it is asked for once. */
const asked = new WeakMap<Repository, Map<string, Promise<Head>>>();

/** Without a process where the commit was seen before. */
export async function headOf(git: Git, repository: Repository, source: Source): Promise<Head> {
  const known = trees.get(repository) ?? new Map<string, string>();
  trees.set(repository, known);
  const named = source.head.startsWith('refs/heads/') ? await readRef(git, repository, source.head) : source.head;
  const seen = known.get(named ?? '');
  if (seen !== undefined) return { commit: named, tree: seen };
  const own = { cwd: source.gitDir, env: { GIT_DIR: source.gitDir } };
  // A repository inside has objects of its own.
  if (named === null || !/^[0-9a-f]{40,64}$/.test(named) || source.record === null) return ask(git, own, source.head, known);
  const open = asked.get(repository) ?? new Map<string, Promise<Head>>();
  asked.set(repository, open);
  const answer = open.get(named) ?? ask(git, { cwd: repository.root }, named, known).finally(() => open.delete(named));
  open.set(named, answer);
  return answer;
}

async function ask(git: Git, where: GitCall, head: string, known: Map<string, string>): Promise<Head> {
  const { stdout } = await git(['rev-parse', '--quiet', `${head}^{commit}`, `${head}^{tree}`], { ...where, codes: [0, 1, 128] });
  // A HEAD may hold any text, also one that is given back as it is.
  const [, commit, tree] = /^([0-9a-f]{40,64})\n([0-9a-f]{40,64})\n$/.exec(stdout) ?? [];
  if (commit === undefined || tree === undefined) return { commit: null, tree: null };
  if (known.size >= REMEMBERED) known.clear();
  known.set(alone(commit), alone(tree));
  return { commit, tree };
}

/** In memory of its own: cut out of an answer it would keep all of that. */
const alone = (hex: string): string => Buffer.from(hex, 'latin1').toString('latin1');
