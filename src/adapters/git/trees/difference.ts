import type { Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Git, GitCall } from '../call/git.ts';
import { together } from '../call/together.ts';
import { readRef, utf8 } from '../repository/repository.ts';
import { callFor, locate, type Source } from '../repository/source.ts';
import { isAncestor } from '../saved/mend.ts';
import { seeEverything, withOwnIndex } from '../saved/own-index.ts';
import { listSaved, type Saved } from '../saved/saved-refs.ts';
import { filtersOff } from '../saved/snapshot.ts';
import type { Kit } from './kit.ts';

export interface DifferenceRequest {
  /** `patch` and `stat` as git prints them, `files` for programs. */
  readonly form: 'patch' | 'stat' | 'files';
  /** For `stat`: how wide a line may be. */
  readonly width?: number;
  /** What the task's first run started from, where the store knows it. */
  readonly startedFrom: string | null;
}

export interface FileDifference {
  readonly path: string;
  readonly status: 'added' | 'deleted' | 'modified' | 'type changed' | 'unmerged';
  /** Lines; null for a binary file. */
  readonly added: number | null;
  readonly removed: number | null;
}

export interface Difference {
  /** Where the newest work of the task stands. */
  readonly from:
    | { readonly kind: 'worktree'; readonly path: string }
    | { readonly kind: 'branch'; readonly branch: string }
    | { readonly kind: 'snapshot'; readonly ref: string; readonly at: number };
  /** The commit that it is compared with. */
  readonly base: string;
  /** Bytes as latin1; empty for `files`. */
  readonly text: string;
  readonly files: readonly FileDifference[];
  /** Repositories inside of the worktree, whose files are not shown. */
  readonly inside: readonly string[];
}

/**
 * What a task has changed so far, committed or not: its worktree as it is now, without one the newest of its branch and its snapshots, against
 * the commit where its branch left the base. Writes nothing but a scratch index. Null: there is no work of this task anywhere.
 */
export async function differenceOf(k: Kit, task: Task, request: DifferenceRequest): Promise<Difference | null> {
  const source = await locate(k.repository, k.places.tree(task.id), task);
  if (source?.tree != null && source.record !== null) return inWorktree(k, { ...source, tree: source.tree }, request);
  const tip = await readRef(k.git, k.repository, `refs/heads/${task.branch}`);
  const [saved] = await listSaved(k.git, k.repository, task.id);
  if (saved !== undefined && !(await isOvertaken(k, saved, tip))) return inSnapshot(k, saved, request);
  if (tip === null) return null;
  const base = await baseOf(k, tip, request.startedFrom);
  return { from: { kind: 'branch', branch: task.branch }, base, inside: [], ...(await compare(k.git, atRoot(k), [base, tip], request)) };
}

const atRoot = (k: Kit): GitCall => ({ cwd: k.repository.root });

async function inWorktree(k: Kit, source: Source & { readonly tree: string }, request: DifferenceRequest): Promise<Difference> {
  const base = await baseOf(k, await commitOf(k, source), request.startedFrom);
  const look = (git: Git) => fromFiles(git, k, source, base, request);
  try {
    return await look(k.git);
  } catch (error) {
    // The program of a filter (git-lfs, say) is missing: the bytes as they are tell more than nothing.
    if (!(error instanceof PortError) || !/clean filter|external filter/.test(error.message)) throw error;
    const off = await filtersOff(k.git, source);
    return look((args, more) => k.git(args, { ...more, config: [...off, ...(more?.config ?? [])] }));
  }
}

/** New files are entered into an index of our own without their contents, so that git shows them, too. */
function fromFiles(
  git: Git,
  k: Kit,
  source: Source & { readonly tree: string },
  base: string,
  request: DifferenceRequest,
): Promise<Difference> {
  return withOwnIndex(git, source, k.places.scratch, async (index, { listed }) => {
    const call = callFor(source, index);
    await seeEverything(git, source, index, listed);
    const inside = listed.flatMap(({ tag, path }) => (tag === '?' && path.endsWith('/') ? [path.slice(0, -1)] : []));
    const fresh = listed.filter(({ tag, path }) => tag === '?' && !path.endsWith('/'));
    const input = fresh.map(({ path }) => `:(top,literal)${path}\0`).join('');
    // One that vanished meanwhile is no difference any more.
    const add = ['add', '--intent-to-add', '--sparse', '--ignore-errors', '--pathspec-from-file=-', '--pathspec-file-nul'];
    if (fresh.length > 0) await git(add, { ...call, input, codes: [0, 1, 128] });
    return {
      from: { kind: 'worktree', path: source.tree },
      base,
      inside: inside.map(utf8),
      ...(await compare(git, call, [base], request)),
    };
  });
}

async function inSnapshot(k: Kit, saved: Saved, request: DifferenceRequest): Promise<Difference> {
  const base = await baseOf(k, saved.head, request.startedFrom);
  const from = { kind: 'snapshot', ref: saved.ref, at: saved.at } as const;
  return { from, base, inside: [], ...(await compare(k.git, atRoot(k), [base, saved.tree], request)) };
}

/** The branch holds all of the snapshot's commits and has gone on since. */
async function isOvertaken(k: Kit, saved: Saved, tip: string | null): Promise<boolean> {
  return tip !== null && saved.head !== null && tip !== saved.head && (await isAncestor(k, saved.head, tip));
}

/** What a worktree has checked out; without a process where its branch is a plain one. Null: no commit. */
async function commitOf(k: Kit, source: Source & { readonly tree: string }): Promise<string | null> {
  const named = source.head.startsWith('refs/heads/') ? await readRef(k.git, k.repository, source.head) : null;
  if (named !== null) return named;
  const call = { cwd: source.tree, env: { GIT_DIR: source.gitDir, GIT_WORK_TREE: source.tree } };
  const { stdout, code } = await k.git(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'], { ...call, codes: [0, 1, 128] });
  return code === 0 ? stdout.trim() : null;
}

/** Where the work left the base branch. Work that was merged there in the meantime is compared with what it started from. */
async function baseOf(k: Kit, head: string | null, startedFrom: string | null): Promise<string> {
  const left = head === null ? null : await leftBaseAt(k, head);
  if (left !== null && left !== head) return left;
  if (startedFrom !== null && (startedFrom === head || (await isCommit(k, startedFrom)))) return startedFrom;
  return left ?? (await k.git(['hash-object', '-t', 'tree', '--stdin'], atRoot(k))).stdout.trim();
}

/** The commit itself where the base branch has it; that needs no process where nothing was committed on either side. */
async function leftBaseAt(k: Kit, head: string): Promise<string | null> {
  const branch = await k.base.known();
  if (branch === null) return null;
  const { remote } = k.options;
  const names = [`refs/heads/${branch}`, ...(remote === null ? [] : [`refs/remotes/${remote}/${branch}`])];
  const tips = (await together(names.map((name) => readRef(k.git, k.repository, name)))).filter((tip) => tip !== null);
  if (tips.length === 0 || tips.includes(head)) return tips.length === 0 ? null : head;
  const { stdout } = await k.git(['merge-base', head, ...tips], { ...atRoot(k), codes: [0, 1, 128] });
  return stdout.trim().split('\n')[0] || null;
}

const isCommit = async (k: Kit, id: string): Promise<boolean> =>
  (await k.git(['cat-file', '-e', `${id}^{commit}`], { ...atRoot(k), codes: [0, 1, 128] })).code === 0;

/** Neither the repository's own diff programs nor its settings have a say: they are in reach of the agent. */
const DIFF = [
  'diff',
  '--no-ext-diff',
  '--no-textconv',
  '--no-color',
  '--src-prefix=a/',
  '--dst-prefix=b/',
  '--submodule=short',
  '--ignore-submodules=dirty',
];

async function compare(git: Git, call: GitCall, sides: readonly string[], { form, width = 80 }: DifferenceRequest) {
  if (form === 'files') {
    const { stdout } = await git([...DIFF, '--no-renames', '--raw', '--numstat', '-z', ...sides, '--'], call);
    return { text: '', files: parseFiles(stdout) };
  }
  const how = form === 'stat' ? [`--stat=${width}`] : [];
  return { text: (await git([...DIFF, '--find-renames', ...how, ...sides, '--'], call)).stdout, files: [] };
}

const STATUS: Readonly<Record<string, FileDifference['status']>> = { A: 'added', D: 'deleted', T: 'type changed', U: 'unmerged' };

/** First `:… letter`, path for each file, then `added removed path` for each, all NUL-ended. */
function parseFiles(stdout: string): readonly FileDifference[] {
  const fields = stdout.split('\0').filter((field) => field !== '');
  const letters = new Map<string, string>();
  let n = 0;
  for (; fields[n]?.startsWith(':') === true; n += 2) letters.set(fields[n + 1] ?? '', fields[n]?.split(' ')[4] ?? '');
  return fields.slice(n).flatMap((field) => {
    const [, added, removed, path] = /^(\d+|-)\t(\d+|-)\t([\s\S]*)$/.exec(field) ?? [];
    if (added === undefined || removed === undefined || path === undefined) return [];
    const lines = (text: string): number | null => (text === '-' ? null : Number(text));
    return [{ path: utf8(path), status: STATUS[letters.get(path) ?? ''] ?? 'modified', added: lines(added), removed: lines(removed) }];
  });
}
