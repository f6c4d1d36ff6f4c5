import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskId } from '../../core/model/task.ts';
import { TRAILER } from '../agent/hands.ts';
import type { JournalEntry } from '../agent/journal.ts';
import type { FateName } from '../ground/fates.ts';
import type { DemoFolder } from '../ground/folder.ts';
import type { Git } from '../ground/git.ts';
import type { Life } from '../world/census.ts';
import type { DemoForge } from '../world/forge.ts';
import type { Act } from '../world/people.ts';
import { BRANCH_PREFIX } from '../world/world.ts';

export interface CommitSeen {
  readonly id: string;
  readonly subject: string;
  /** The run that its trailer names; empty where it has none. */
  readonly run: string;
  readonly files: readonly string[];
}

export interface PullSeen {
  readonly number: number;
  readonly author: string;
  readonly body: string;
  readonly branch: string;
  readonly head: string;
  readonly base: string;
}

/** Everything that the verdict rests on. None of it is tac8's own state: git, the forge, the agents' journals, /proc, and the files that people read. */
export interface Evidence {
  readonly scripted: boolean;
  readonly slots: number;
  readonly tasks: ReadonlyMap<FateName, TaskId>;
  readonly acts: readonly Act[];
  readonly lives: readonly Life[];
  readonly peak: number;
  readonly journals: ReadonlyMap<string, readonly JournalEntry[]>;
  readonly pulls: readonly PullSeen[];
  readonly comments: readonly { readonly issue: number; readonly author: string; readonly body: string }[];
  /** `POST /repos/…` that the forge did, whoever saw the answer. */
  readonly posts: readonly string[];
  /** Branches of tasks at the forge: what they have over main, newest first. */
  readonly pushed: ReadonlyMap<string, readonly CommitSeen[]>;
  /** Every text of a path in any branch or ref of the repository, by path. */
  readonly kept: ReadonlyMap<string, readonly string[]>;
  /** `git status` of the main checkout. */
  readonly dirt: string;
  readonly board: string;
  readonly metrics: string;
  readonly logs: readonly LogSeen[];
}

export interface LogSeen {
  readonly name: string;
  readonly link: boolean;
  readonly lines: number;
  /** Lines that are no JSON. */
  readonly broken: number;
}

/** Files whose uncommitted text must be found in git afterwards. */
const KEPT_PATHS = ['NOTES.md', 'IDEAS.md', 'src/price.mjs'] as const;

export interface Scene {
  readonly folder: DemoFolder;
  readonly forge: DemoForge;
  readonly git: Git;
}

type Watched = Pick<Evidence, 'scripted' | 'slots' | 'tasks' | 'acts' | 'lives' | 'peak' | 'journals'>;

export async function gatherEvidence({ folder, forge, git }: Scene, watched: Watched): Promise<Evidence> {
  const [state, journal, pushed, kept, dirt] = await Promise.all([
    forge.state(),
    forge.journal(0),
    readBranches(git, forge.bare),
    readKept(git, folder.widgets),
    git(folder.widgets, ['status', '--porcelain']),
  ]);
  return {
    ...watched,
    pulls: state.issues.flatMap(({ number, author, body, pull }) =>
      pull === null ? [] : [{ number, author, body: body ?? '', branch: pull.head.ref, head: pull.head.sha, base: pull.base.ref }],
    ),
    comments: state.comments,
    posts: journal.filter((entry) => entry.kind === 'api' && entry.method === 'POST' && entry.applied === 201).map((entry) => entry.path),
    pushed,
    kept,
    dirt,
    board: readIfThere(join(folder.widgets, 'tasks.md')),
    metrics: readIfThere(join(folder.widgets, 'adws', 'metrics.json')),
    logs: readLogs(join(folder.widgets, 'logs')),
  };
}

const readIfThere = (path: string): string => (existsSync(path) ? readFileSync(path, 'utf8') : '');

/** The tasks' branches, each with its commits over main. */
async function readBranches(git: Git, repository: string): Promise<ReadonlyMap<string, readonly CommitSeen[]>> {
  const names = await git(repository, ['for-each-ref', '--format=%(refname:lstrip=2)', `refs/heads/${BRANCH_PREFIX}`]);
  const read = names.split('\n').flatMap((name) => (name === '' ? [] : [readCommits(git, repository, name)]));
  return new Map(await Promise.all(read));
}

async function readCommits(git: Git, repository: string, branch: string): Promise<[string, readonly CommitSeen[]]> {
  const format = `--format=%x01%H%x00%s%x00%(trailers:key=${TRAILER},valueonly,separator=)%x00`;
  const text = await git(repository, ['log', format, '--name-only', `main..refs/heads/${branch}`]);
  const commits = text.split('\u0001').slice(1);
  return [
    branch,
    commits.map((one) => {
      const [id = '', subject = '', run = '', files = ''] = one.split('\0');
      return { id, subject, run, files: files.split('\n').filter((file) => file !== '') };
    }),
  ];
}

async function readKept(git: Git, repository: string): Promise<ReadonlyMap<string, readonly string[]>> {
  const refs = (await git(repository, ['for-each-ref', '--format=%(objectname)', 'refs/heads/', 'refs/tac8/'])).split('\n');
  const kept = new Map<string, string[]>();
  for (const path of KEPT_PATHS) {
    const texts = await Promise.all(
      [...new Set(refs)].map((ref) => git(repository, ['cat-file', 'blob', `${ref}:${path}`]).catch(() => null)),
    );
    kept.set(
      path,
      texts.filter((text) => text !== null),
    );
  }
  return kept;
}

function readLogs(folder: string): readonly LogSeen[] {
  if (!existsSync(folder)) return [];
  const names = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  return names.map((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n').slice(0, -1);
    return { name, link: lstatSync(join(folder, name)).isSymbolicLink(), lines: lines.length, broken: lines.filter(isBroken).length };
  });
}

function isBroken(line: string): boolean {
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}
