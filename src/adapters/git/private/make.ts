import { randomUUID } from 'node:crypto';
import { cp, mkdir, readdir, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, resolve } from 'node:path';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git } from '../call/git.ts';
import { together } from '../call/together.ts';
import type { Registered } from '../repository/registry.ts';
import type { Repository } from '../repository/repository.ts';
import { readSettings, type Setting } from '../view/config-text.ts';
import { absent, kindOf, readPlain, readPlainText } from '../view/files.ts';
import { harmless, sparseSettings, writeSettings } from '../view/harmless.ts';
import { SHARED } from './script.ts';

/** Where refs of the worker's own are kept between its boxes: below its worktree's, so that they go with it, and git counts them. */
export const KEPT = 'refs/worktree/box';

/** Of one hook, and how many. */
const [MOST_HOOK, MOST_HOOKS] = [1024 * 1024, 64];
const STARTS = ['refs/heads', 'refs/tags', 'refs/remotes'] as const;

export interface Made {
  /** Every ref that it begins with. */
  readonly refs: ReadonlyMap<string, string>;
  /** Where the ref stands that was asked for besides; null: it is not there. */
  readonly asked: string | null;
}

/**
 * A folder of git for one worktree: the refs as they are now, harmless settings, the worktree's own record, the objects by their place in the box.
 * What `before` (the one before it, whose processes are gone) has of submodules is moved over. Afterwards it stands at `place`. A worker waits
 * for it: what can be done at once is. `ask`: one ref that the worker does not see.
 */
export async function makePrivate(git: Git, repository: Repository, record: Registered, place: string, ask: string): Promise<Made> {
  const { commonDir } = repository;
  const fresh = join(dirname(place), `.new-${randomUUID()}`);
  const own = join(fresh, 'worktrees', basename(record.adminDir));
  const [found] = await together([refsOf(git, repository, record, ask), layOut(commonDir, record, fresh, own)]);
  const asked = found.get(ask) ?? null;
  const refs = [...found].filter(([ref]) => ref !== ask);
  const stash = refs.flatMap(([ref, id]) => (ref.startsWith('refs/stash/') ? [id] : []));
  const plain = refs.filter(([ref]) => !ref.startsWith('refs/stash/'));
  await writeFile(join(fresh, 'packed-refs'), plain.map(([ref, id]) => `${id} ${ref}\n`).join(''));
  if (stash.length > 0) await stashed(fresh, stash);
  await carryModules(place, record, own);
  await replace(place, fresh);
  return { refs: new Map(plain), asked };
}

/** All of it but the refs. */
async function layOut(commonDir: string, record: Registered, fresh: string, own: string): Promise<void> {
  const folders = ['objects/info', 'objects/pack', 'refs/heads', 'refs/tags', 'info', 'hooks', 'logs'];
  await together([
    ...folders.map((folder) => mkdir(join(fresh, folder), { recursive: true, mode: 0o700 })),
    mkdir(join(own, 'logs'), { recursive: true }),
  ]);
  const copied = [
    ...['HEAD', 'info/exclude', 'shallow'].map((name) => [join(commonDir, name), join(fresh, name)] as const),
    ...['HEAD', 'index', 'logs/HEAD', 'info/sparse-checkout'].map((name) => [join(record.adminDir, name), join(own, name)] as const),
  ];
  await together([
    writeFile(join(fresh, 'objects/info/alternates'), `${SHARED}/objects\n`),
    writeFile(join(own, 'commondir'), '../..\n'),
    writeFile(join(own, 'gitdir'), `${join(record.path ?? '', '.git')}\n`),
    ...copied.map(([from, to]) => copyPlain(from, to)),
    writeOwnSettings(commonDir, record, fresh, own),
    copyHooks(commonDir, fresh),
  ]);
}

async function writeOwnSettings(commonDir: string, record: Registered, fresh: string, own: string): Promise<void> {
  const { text, perWorktree } = await settingsOf(commonDir);
  await writeFile(join(fresh, 'config'), text);
  if (!perWorktree) return;
  const sparse = sparseSettings(await readPlainText(join(record.adminDir, 'config.worktree')).catch(absent('')));
  await writeFile(join(own, 'config.worktree'), writeSettings(sparse));
}

/** All branches, tags and what was fetched; and what the worker had of its own where nothing here has that name. */
async function refsOf(git: Git, { root }: Repository, record: Registered, ask: string): Promise<ReadonlyMap<string, string>> {
  const env = { GIT_DIR: record.adminDir, GIT_WORK_TREE: record.path ?? root };
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', ...STARTS, KEPT, ask];
  const { stdout } = await git(args, { cwd: record.path ?? root, env });
  const found = stdout.split('\n').flatMap((line): [string, string][] => {
    const at = line.indexOf(' ');
    return at < 0 ? [] : [[line.slice(at + 1), line.slice(0, at)]];
  });
  const kept = found.flatMap(([ref, id]): [string, string][] =>
    ref.startsWith(`${KEPT}/`) ? [[`refs${ref.slice(KEPT.length)}`, id]] : [],
  );
  return new Map([...kept, ...found.filter(([ref]) => !ref.startsWith(`${KEPT}/`))]);
}

/** What git is to know of the repository inside: how files are written, who commits, where the remotes are; no login of theirs. */
async function settingsOf(commonDir: string): Promise<{ readonly text: string; readonly perWorktree: boolean }> {
  const raw = await readPlainText(join(commonDir, 'config')).catch(absent(''));
  const found = harmless(raw);
  if ('problem' in found) return { text: '', perWorktree: false };
  const others = (readSettings(raw) ?? []).flatMap(([key, value]): Setting[] => {
    if (/^remote\..+\.url$/.test(key)) return [[key, value.replace(/^([a-z+]+:\/\/)[^/@]*@/i, '$1')]];
    return /^(remote\..+\.fetch|branch\..+\.(remote|merge)|core\.hookspath)$/.test(key) ? [[key, value]] : [];
  });
  const worktree: Setting[] = found.perWorktree ? [['extensions.worktreeconfig', 'true']] : [];
  return { text: writeSettings([...found.settings, ...worktree, ...others]), perWorktree: found.perWorktree };
}

/** Never what a link leads to: a worker without a box may have put one there for the next one to read. */
async function copyPlain(from: string, to: string, most?: number, mode = 0o644): Promise<void> {
  if ((await kindOf(from)) !== 'file') return;
  await mkdir(dirname(to), { recursive: true });
  await writeFile(to, await readPlain(from, most), { mode });
}

/** The worker's commits are checked as before; it may change its copy, and nobody else's. */
async function copyHooks(commonDir: string, fresh: string): Promise<void> {
  const names = await readdir(join(commonDir, 'hooks')).catch(absent<string[]>([]));
  for (const name of names.filter((one) => !one.endsWith('.sample')).slice(0, MOST_HOOKS))
    await copyPlain(join(commonDir, 'hooks', name), join(fresh, 'hooks', name), MOST_HOOK, 0o755);
}

/** As git writes it: the newest last, each line with the one before. */
async function stashed(fresh: string, stash: readonly string[]): Promise<void> {
  const oldest = stash.toReversed();
  const none = '0'.repeat(oldest[0]?.length ?? 40);
  const lines = oldest.map(
    (id, n) =>
      `${oldest[n - 1] ?? none} ${id} worker <worker@localhost> ${Math.floor(Date.now() / 1000)} +0000\tkept from the box before\n`,
  );
  await mkdir(join(fresh, 'logs/refs'), { recursive: true });
  await writeFile(join(fresh, 'refs/stash'), `${stash[0]}\n`);
  await writeFile(join(fresh, 'logs/refs/stash'), lines.join(''));
}

/** The repositories of submodules lie in here alone. A link in their place is not followed: it is not taken along. */
async function carryModules(place: string, record: Registered, own: string): Promise<void> {
  const before = [
    place,
    join(place, 'worktrees'),
    join(place, 'worktrees', basename(own)),
    join(place, 'worktrees', basename(own), 'modules'),
  ];
  const kinds = await together(before.map(kindOf));
  if (kinds.every((kind) => kind === 'folder')) return rename(before.at(-1) ?? '', join(own, 'modules'));
  const outside = join(record.adminDir, 'modules');
  if ((await kindOf(outside)) === 'folder') await cp(outside, join(own, 'modules'), { recursive: true });
}

async function replace(place: string, fresh: string): Promise<void> {
  const old = join(dirname(place), `.old-${randomUUID()}`);
  await rename(place, old).catch(absent(undefined));
  await rename(fresh, place);
  // A folder that the worker made unreadable for its own user stays, and stands in nobody's way.
  await removeFolder(old).catch(() => undefined);
}

/** Where the shared objects are to be seen in a box, with those that they themselves borrow from. */
export async function objectPlaces(commonDir: string): Promise<readonly { readonly from: string; readonly to: string }[]> {
  const found = new Map([[`${SHARED}/objects`, join(commonDir, 'objects')]]);
  for (const [to, from] of found) {
    const text = await readPlainText(join(from, 'info/alternates')).catch(absent(''));
    for (const line of text.split('\n').filter((one) => one !== '' && !one.startsWith('#'))) {
      const at = isAbsolute(line) ? line : resolve(to, line);
      if ((await kindOf(resolve(from, line))) === 'folder') found.set(at, resolve(from, line));
    }
    if (found.size > 16) break;
  }
  if ((await kindOf(join(commonDir, 'lfs'))) === 'folder') found.set(`${SHARED}/lfs`, join(commonDir, 'lfs'));
  return [...found].map(([to, from]) => ({ from, to }));
}
