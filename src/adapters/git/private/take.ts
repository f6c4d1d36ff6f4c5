import { randomUUID } from 'node:crypto';
import { mkdir, open, symlink, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { TaskId } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import type { Log } from '../../../engine/ports/records/log.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git } from '../call/git.ts';
import { FULL_DISK } from '../call/sort-failure.ts';
import { together } from '../call/together.ts';
import { adoptPack, MOST_BYTES } from '../packs/adopt.ts';
import { moveBranch } from '../packs/onto-branch.ts';
import type { Places } from '../repository/places.ts';
import type { Registered } from '../repository/registry.ts';
import type { Repository } from '../repository/repository.ts';
import { absent, readPlainText } from '../view/files.ts';
import { harmless, writeSettings } from '../view/harmless.ts';
import { KEPT, objectPlaces } from './make.ts';
import { callOf, isGoodIndex, mirror } from './mirror.ts';
import { COMMON, REQUEST, type ReadInBox, readSaid, type Said, SCRIPT, SHOWN } from './script.ts';

export interface TakeParts {
  readonly git: Git;
  readonly repository: Repository;
  readonly places: Places;
  readonly read: ReadInBox;
  readonly timeoutMs: () => number;
  readonly log: Log;
}

/** What is taken over, and from where. */
export interface Taking {
  readonly task: TaskId;
  /** The worker's own branch, a full ref; no other ref of the repository moves. */
  readonly branch: string;
  readonly record: Registered & { readonly path: string };
  /** The private folder. */
  readonly place: string;
  /** What it began with. */
  readonly given: ReadonlyMap<string, string>;
  /** It has not changed since it was taken over last, as far as its files show. */
  readonly known: boolean;
}

const MOST_KNOWN = 20_000;

/** Answers what the worker may not do and did, in words; null: all of it is here. Throws what another try may mend. */
export async function takeOver(parts: TakeParts, what: Taking): Promise<string | null> {
  const { places } = parts;
  const request = join(places.scratch, `box-${randomUUID()}`);
  await mkdir(request, { recursive: true, mode: 0o700 });
  try {
    const refs = await refsNow(parts, what);
    let said = await hear(parts, what, request, refs, 'all');
    // Refs that name nothing, a broken log of a branch: what the branch itself has may be whole all the same.
    if (typeof said === 'string') said = await hear(parts, what, request, refs, 'tip');
    if (typeof said === 'string') return `git cannot read what it left: ${said}`;
    const refused = await adoptPack(parts.git, parts.repository, join(request, 'pack')).then(
      () => null,
      (error: unknown) => wordsOf(error),
    );
    if (refused !== null) return `git refuses what it committed: ${refused}`;
    return await place(parts, what, said, refs);
  } finally {
    await removeFolder(request);
  }
}

/** Some failures are the machine's: a call of git that another try may mend, a call of the system. */
function wordsOf(error: unknown): string {
  if (error instanceof PortError ? error.sort === 'retryable' : error instanceof Error && 'syscall' in error) throw error;
  return error instanceof Error ? error.message : String(error);
}

/** Names and ids of what the repository has, and of what is kept of the worker's own by the worktree's record. */
async function refsNow({ git }: TakeParts, { record }: Taking): Promise<ReadonlyMap<string, string>> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads', 'refs/remotes', 'refs/tags', 'refs/tac8/taken', KEPT];
  const { stdout } = await git(args, callOf(record));
  const lines = stdout.split('\n').filter((line) => line !== '');
  return new Map(lines.map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}

/** A text: why git could not. */
async function hear(
  parts: TakeParts,
  { record, branch, place: from }: Taking,
  request: string,
  refs: ReadonlyMap<string, string>,
  mode: 'all' | 'tip',
): Promise<Said | string> {
  const { repository, read, timeoutMs } = parts;
  const { commonDir } = repository;
  const found = harmless(await readPlainText(join(commonDir, 'config')).catch(absent('')));
  await writeFile(join(request, 'config'), 'problem' in found ? '' : writeSettings(found.settings));
  await layOut(request, commonDir);
  const ids = [...new Set(refs.values())].slice(0, MOST_KNOWN);
  await writeFile(join(request, 'known'), ids.map((id) => `^${id}\n`).join(''));
  const pack = await open(join(request, 'pack'), 'w', 0o600);
  try {
    const { code, out, err } = await read({
      show: [{ from, to: commonDir }, { from: request, to: REQUEST }, ...(await objectPlaces(commonDir))],
      script: SCRIPT,
      args: [commonDir, basename(record.adminDir), branch, mode],
      ...{ into: pack.fd, most: MOST_BYTES, timeoutMs: timeoutMs() },
    });
    if (!out.toString('latin1', 0, 6).startsWith('begin')) {
      throw new PortError('retryable', `the box in which a worker's commits are read does not start: ${err.trim().slice(-300)}`);
    }
    const said = code === 0 ? readSaid(out) : null;
    const last = err.trim().split('\n').at(-1) ?? '';
    // The pack stands on this machine's disk, and what the worker did is there when it has room again.
    if (said === null && FULL_DISK.test(last)) throw new PortError('retryable', `there is no room for what a worker committed: ${last}`);
    return said ?? (last || `exit code ${code}`);
  } finally {
    await pack.close();
  }
}

/** The folder that git in the box takes for the repository's: what is there, but for the settings. A second try finds it laid out. */
async function layOut(request: string, commonDir: string): Promise<void> {
  const folder = join(request, COMMON);
  if ((await mkdir(folder, { recursive: true })) === undefined) return;
  await together([
    symlink(`../config`, join(folder, 'config')),
    ...SHOWN.map((name) => symlink(join(commonDir, name), join(folder, name))),
  ]);
}

async function place(parts: TakeParts, what: Taking, said: Said, refs: ReadonlyMap<string, string>): Promise<string | null> {
  const { git, places } = parts;
  const { branch, record, given } = what;
  const at = { git, record, branch, scratch: places.scratch, refs };
  // Looked at beside the branch; it comes to stand outside once the branch has moved.
  const [refused, isGood] = await together([
    moveBranch(parts, what, said.tip, refs),
    what.known || said.index === null ? false : isGoodIndex(at, said, said.index),
  ]);
  if (refused !== null) return refused;
  const others = new Map([...said.refs].filter(([ref, id]) => ref !== branch && given.get(ref) !== id));
  await mirror(at, said, others, { isKnown: what.known, isGood });
  return null;
}
