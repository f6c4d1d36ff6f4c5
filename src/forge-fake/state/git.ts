import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** The forge's own git environment, built from nothing: no login, no configuration of this machine. */
export function gitEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    GIT_AUTHOR_NAME: 'Fake GitHub',
    GIT_AUTHOR_EMAIL: 'noreply@fake.test',
    GIT_COMMITTER_NAME: 'Fake GitHub',
    GIT_COMMITTER_EMAIL: 'noreply@fake.test',
  };
}

export interface GitResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs git in a bare repository, at most 30 s. Answers any exit code; throws only when git itself cannot run. */
export function runGit(bare: string, args: readonly string[], input?: string): Promise<GitResult> {
  return new Promise((resolve, reject) => {
    const options = { cwd: bare, env: gitEnvironment(bare), timeout: 30_000, maxBuffer: 64 << 20 };
    const child = execFile('git', [...args], options, (error, out, err) => {
      if (error === null) resolve({ code: 0, out, err });
      else if (typeof error.code === 'number') resolve({ code: error.code, out, err });
      else reject(new Error(`git ${args.join(' ')} in ${bare}: ${error.message}`));
    });
    // A git that ends before it has read everything says why itself.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input ?? '');
  });
}

async function must(bare: string, args: readonly string[], input?: string): Promise<string> {
  const result = await runGit(bare, args, input);
  if (result.code !== 0) throw new Error(`git ${args.join(' ')} in ${bare}: exit ${result.code}: ${result.err.trim()}`);
  return result.out.trim();
}

/** A file's text, or its text and that it may be executed. */
export type SeedFile = string | { readonly text: string; readonly executable: boolean };

export interface BareOptions {
  readonly defaultBranch: string;
  /** The first commit; without it the repository is empty. */
  readonly files?: Readonly<Record<string, SeedFile>>;
  /** Branches that refuse every push, as a protection rule does. */
  readonly protect?: readonly string[];
  /** Unix seconds of the first commit. */
  readonly time: number;
}

/** Makes the bare repository when it is not there; a second call changes only the protected branches. */
export async function ensureBare(bare: string, options: BareOptions): Promise<void> {
  const fresh = !existsSync(join(bare, 'HEAD'));
  if (fresh) {
    mkdirSync(bare, { recursive: true });
    await must(bare, ['init', '--quiet', '--bare', `--initial-branch=${options.defaultBranch}`, '.']);
    // No housekeeping in the background: it would outlive the request, and the server.
    const settings = ['http.receivepack=true', 'gc.auto=0', 'receive.autogc=false', 'maintenance.auto=false'];
    for (const setting of [...settings, 'uploadpack.allowFilter=true', 'uploadpack.allowReachableSHA1InWant=true']) {
      const [name = '', value = ''] = setting.split('=');
      await must(bare, ['config', name, value]);
    }
    if (options.files !== undefined) await seed(bare, options.defaultBranch, options.files, options.time);
  }
  writeFileSync(join(bare, 'protected-branches'), `${(options.protect ?? []).join('\n')}\n`);
  writeFileSync(join(bare, 'hooks', 'pre-receive'), PRE_RECEIVE, { mode: 0o755 });
}

const PRE_RECEIVE = `#!/bin/sh
while read -r old new ref; do
  case "$ref" in refs/heads/*) ;; *) continue ;; esac
  if grep -qxF -- "\${ref#refs/heads/}" protected-branches; then
    echo "error: GH006: Protected branch update failed for $ref." >&2
    echo "error: Changes must be made through a pull request." >&2
    exit 1
  fi
done
`;

async function seed(bare: string, branch: string, files: Readonly<Record<string, SeedFile>>, time: number): Promise<void> {
  const data = (text: string): string => `data ${Buffer.byteLength(text)}\n${text}\n`;
  let stream = `commit refs/heads/${branch}\ncommitter Fake GitHub <noreply@fake.test> ${time} +0000\n${data('Initial commit')}`;
  for (const [path, file] of Object.entries(files)) {
    const executable = typeof file !== 'string' && file.executable;
    stream += `M ${executable ? '100755' : '100644'} inline ${JSON.stringify(path)}\n${data(typeof file === 'string' ? file : file.text)}`;
  }
  await must(bare, ['fast-import', '--quiet', '--done'], `${stream}\ndone\n`);
}

const HEADS = 'refs/heads';

/** Every branch and its tip: asked with each request, and so read without a program. Loose ones first, which git may pack meanwhile. */
export async function readBranches(bare: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  const put = (name: string, commit: string): void => {
    if (/^[0-9a-f]{40}$/.test(commit) && !found.has(name)) found.set(name, commit);
  };
  const read = (path: string): Promise<string> => readFile(join(bare, path), 'utf8').catch(() => '');
  const entries = await readdir(join(bare, HEADS), { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    const name = relative(join(bare, HEADS), join(entry.parentPath, entry.name));
    if (entry.isFile() && !name.endsWith('.lock')) put(name, (await read(`${HEADS}/${name}`)).trim());
  }
  for (const line of (await read('packed-refs')).split('\n'))
    if (line.startsWith(`${HEADS}/`, 41)) put(line.slice(42 + HEADS.length), line.slice(0, 40));
  return found;
}

/** Null when two histories have nothing in common, or a commit is not there. */
export async function mergeBase(bare: string, a: string, b: string): Promise<string | null> {
  const result = await runGit(bare, ['merge-base', a, b]);
  return result.code === 0 ? result.out.trim() : null;
}

export async function isAncestor(bare: string, commit: string, of: string): Promise<boolean> {
  return (await runGit(bare, ['merge-base', '--is-ancestor', commit, of])).code === 0;
}

/** What came to a branch that moved from one commit to another. */
export async function newCommits(bare: string, from: string, to: string): Promise<ReadonlySet<string>> {
  return new Set((await must(bare, ['rev-list', to, `^${from}`])).split('\n'));
}

export interface ChangeSize {
  readonly commits: number;
  readonly files: number;
  readonly additions: number;
  readonly deletions: number;
}

/** What `head` brings over `base`. */
export async function changeSize(bare: string, base: string, head: string): Promise<ChangeSize> {
  const commits = Number(await must(bare, ['rev-list', '--count', `${base}..${head}`]));
  const stat = await runGit(bare, ['diff', '--numstat', `${base}...${head}`]);
  const rows = stat.code === 0 && stat.out.trim() !== '' ? stat.out.trim().split('\n') : [];
  const sum = (column: number): number => rows.reduce((total, row) => total + (Number(row.split('\t')[column]) || 0), 0);
  return { commits, files: rows.length, additions: sum(0), deletions: sum(1) };
}

/** The tree of a merge, or null when it conflicts. */
export async function mergeTree(bare: string, base: string, head: string): Promise<string | null> {
  const result = await runGit(bare, ['merge-tree', '--write-tree', base, head]);
  if (result.code > 1) throw new Error(`git merge-tree ${base} ${head}: exit ${result.code}: ${result.err.trim()}`);
  return result.code === 0 ? (result.out.split('\n')[0] ?? '') : null;
}

/** A merge commit on `branch`, or without `head` one that is all of it; throws when the branch moved meanwhile. */
export async function commitMerge(
  bare: string,
  merge: { readonly tree: string; readonly branch: string; readonly base: string; readonly head: string | null; readonly message: string },
): Promise<string> {
  const parents = [merge.base, ...(merge.head === null ? [] : [merge.head])].flatMap((parent) => ['-p', parent]);
  const commit = await must(bare, ['commit-tree', merge.tree, ...parents, '-F', '-'], merge.message);
  await must(bare, ['update-ref', `refs/heads/${merge.branch}`, commit, merge.base]);
  return commit;
}

/** Keeps a pull's commits reachable when its branch is deleted, under the name that GitHub gives them. */
export async function keepPullHead(bare: string, number: number, sha: string): Promise<void> {
  await must(bare, ['update-ref', `refs/pull/${number}/head`, sha]);
}

/** Makes a fork's commits known to the repository they are proposed to. */
export async function fetchFrom(bare: string, other: string, ref: string): Promise<void> {
  await must(bare, ['fetch', '--quiet', '--no-tags', other, ref]);
}
