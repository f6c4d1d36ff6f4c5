import { createHash, randomUUID } from 'node:crypto';
import { lstat, mkdir, readdir, readlink, realpath, rename, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import { removeFolder } from '../../../files/remove-folder.ts';
import { writeWhole } from '../../../files/write-whole.ts';
import { readSettings, type Setting } from './config-text.ts';
import { absent, kindOf, readPlainText } from './files.ts';
import { harmless, sparseSettings, writeSettings } from './harmless.ts';
import { differing, EXCLUDE, excludeAt, type Keeps, SPARSE, type Sparse, type Start, sparseAt } from './start.ts';

/*
 * Every worker can write the settings, attributes, grafts and hooks of the repository, and what they name would run as the daemon. So git never
 * sees them: to it the common folder is one of ours, with the repository's objects and refs in it as links, and with settings that hold
 * plain words alone. A key that git learns in a later version is left out like all others.
 */

/** What git is given of the repository itself. */
const LINKS = ['HEAD', 'objects', 'refs', 'packed-refs', 'logs', 'worktrees', 'shallow', 'lfs', 'info/exclude'] as const;

/** More than anybody has. */
const MAX_CONFIG = 1024 * 1024;

export interface View {
  /** For GIT_COMMON_DIR. */
  readonly folder: string;
  /** The repository's own HEAD is of no use to git: our folder stands in for its private one, too. */
  readonly standsIn: boolean;
  /** Of the one worktree: what a sparse checkout leaves out. */
  readonly settings: readonly (readonly [string, string])[];
  /** The private folder that new worktrees take from what they leave out. */
  readonly from: string;
}

export interface Views {
  /**
   * For a private folder of git (`.git`, `.git/worktrees/x`). Terminal PortError where it is of a form that git would read in another way.
   * `isRoot`: that of the checkout which tac8 works for.
   */
  of(gitDir: string, isRoot: boolean): Promise<View>;
}

interface Known {
  /** Of our folder, and of the settings that it was made from: nobody changes one of them without a trace. */
  readonly print: string;
  readonly perWorktree: boolean;
  readonly standsIn: boolean;
}

/** `filters` that are to run: LFS keeps its files beside the objects. `keeps`: left out, the settings count as they are now. */
export function createViews(parent: string, filters: readonly string[] = [], keeps: Keeps | null = null): Views {
  const known = new Map<string, Known>();
  const busy = new Map<string, Promise<Known>>();
  const starts = new Map<string, Start>();
  const sparses = new Map<string, Sparse>();

  /** What counts of the settings and of the ignored files, where not simply what is there. */
  async function startOf(commonDir: string, folder: string, now: Omit<Start, 'exclude'>, { excludes, waits }: Keeps): Promise<Start> {
    const exclude = await excludeAt(commonDir, excludes);
    const start = starts.get(folder) ?? { ...now, exclude };
    starts.set(folder, start);
    waits(differing(start, { ...now, exclude }));
    return start;
  }

  async function furnish(commonDir: string, folder: string): Promise<Known> {
    const before = await readPlainText(join(folder, 'config'), MOST).catch(() => null);
    const now = await settingsOf(commonDir, starts.get(folder)?.text ?? before, known.get(folder)?.perWorktree === true);
    const { perWorktree } = now;
    const start = keeps === null ? null : await startOf(commonDir, folder, now, keeps);
    const { text } = start ?? now;
    await mkdir(join(folder, 'info'), { recursive: true, mode: 0o700 });
    if (filters.includes('lfs')) await mkdir(join(commonDir, 'lfs'), { recursive: true }).catch(() => undefined);
    // One after the other: where one fails, none is still being made.
    const standsIn = !(await hasHead(commonDir));
    for (const name of LINKS) {
      const isOwn = (standsIn && name === 'HEAD') || (start !== null && name === EXCLUDE);
      if (!isOwn) await linkTo(join(commonDir, name), join(folder, name), parent);
    }
    const scratch = { aside: join(parent, randomUUID()) };
    if (start !== null) {
      await mkdir(join(`${folder}${NEW}`, 'info'), { recursive: true, mode: 0o700 });
      await writeWhole(join(folder, EXCLUDE), start.exclude, scratch);
      await writeWhole(join(`${folder}${NEW}`, SPARSE), sparses.get(folder)?.text ?? '', scratch);
      await writeWhole(join(`${folder}${NEW}`, 'HEAD'), NO_HEAD, scratch);
      await writeWhole(join(`${folder}${NEW}`, 'commondir'), `${commonDir}\n`, scratch);
    }
    if (standsIn) await writeWhole(join(folder, 'HEAD'), NO_HEAD, scratch);
    if (before !== text) await writeWhole(join(folder, 'config'), text, scratch);
    await removeOthers(folder);
    return { print: await printOf(commonDir, folder, keeps !== null), perWorktree, standsIn };
  }

  return {
    async of(gitDir, isRoot) {
      const commonDir = await commonDirOf(gitDir);
      const folder = join(parent, `${nameFor(commonDir)}${keeps === null ? '' : KEPT}`);
      if (keeps !== null && isRoot && !sparses.has(folder)) {
        sparses.set(folder, await sparseAt(gitDir));
        known.delete(folder);
      }
      let found = known.get(folder);
      const isGood = found === undefined || hasHead(commonDir).then((has) => has !== found?.standsIn);
      if (found === undefined || found.print !== (await printOf(commonDir, folder, keeps !== null)) || !(await isGood)) {
        const furnishing = busy.get(folder) ?? furnish(commonDir, folder).finally(() => busy.delete(folder));
        busy.set(folder, furnishing);
        found = await furnishing;
        known.set(folder, found);
      }
      const { standsIn, perWorktree } = found;
      const own = keeps !== null && isRoot ? sparses.get(folder) : undefined;
      const from = keeps !== null ? `${folder}${NEW}` : standsIn ? folder : gitDir;
      if (own !== undefined) return { folder, standsIn, from, settings: starts.get(folder)?.perWorktree === true ? own.settings : [] };
      return { folder, standsIn, from, settings: perWorktree ? sparseSettings(await configText(join(gitDir, 'config.worktree'))) : [] };
    },
  };
}

/** Ours: a few lines. */
const MOST = 1024 * 1024;

/** Of a daemon, beside that of commands, which go by what is there now. */
const KEPT = '.start';
/** A private folder that worktrees are made from. */
const NEW = '.new';

/** A longer name than this is no name of a file everywhere. */
const LONGEST = 120;

/** One for each folder, and the same each time. Node's hashes take a fifth of the time in which Node starts: a path of ordinary length is written out. */
function nameFor(commonDir: string): string {
  const name = Buffer.from(commonDir).toString('base64url');
  return name.length <= LONGEST ? name : createHash('sha256').update(commonDir).digest('hex');
}

const NO_HEAD = 'ref: refs/heads/none\n';
const MAX_HEAD = 4096;

/** Whether git takes it for one. A worker can write there what it likes, and git would find no repository for anybody. */
async function hasHead(commonDir: string): Promise<boolean> {
  const text = await readPlainText(join(commonDir, 'HEAD'), MAX_HEAD).catch(() => '');
  return text.startsWith('ref: refs/') || /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(text.trimEnd());
}

/** Some contents are at a remote alone. */
export async function isPartial(commonDir: string): Promise<boolean> {
  const settings = readSettings(await configText(join(commonDir, 'config')).catch(() => '')) ?? [];
  return settings.some(([key, value]) => /^remote\..*\.promisor$/.test(key) && value === 'true');
}

/** `.git` of `.git/worktrees/x`, whatever a file in there says of it: refs are looked up by that file. */
export async function commonDirOf(gitDir: string): Promise<string> {
  // Anywhere else it is nobody's: sound/ moves it aside.
  if (basename(dirname(gitDir)) !== 'worktrees') return gitDir;
  const said = await readPlainText(join(gitDir, 'commondir')).catch(absent(null));
  if (said === null) return gitDir;
  const above = dirname(dirname(gitDir));
  const named = resolve(gitDir, said.trim());
  const [one, other] = await Promise.all([above, named].map((path) => stat(path).catch(absent(null))));
  if (one?.ino !== undefined && one.ino === other?.ino && one.dev === other.dev) return above;
  throw new PortError('terminal', `${join(gitDir, 'commondir')} leads out of the repository, to ${named}`, {
    hint: 'Somebody has rewritten a file of git: look at it, and put it back (`../..`).',
  });
}

/** Git's private folder of the checkout at `path`: its `.git`, or where the file of that name leads. */
export async function privateFolderOf(path: string): Promise<string> {
  const dotGit = join(path, '.git');
  const kind = await kindOf(dotGit);
  if (kind === 'folder') return dotGit;
  // A link to a folder elsewhere, as some tools make it.
  if (kind === 'symlink' && (await stat(dotGit).catch(absent(null)))?.isDirectory() === true) return realpath(dotGit);
  const target = /^gitdir: (.*)$/m.exec(await readPlainText(dotGit, MAX_CONFIG).catch(absent('')))?.[1];
  return target === undefined ? dotGit : resolve(path, target.trim());
}

/**
 * Settings that no git can read, or that call the repository's objects by another name than before, are a worker's or an accident: the other tasks
 * go on with those before, of which `before` is what we made. At the first look there are none.
 */
async function settingsOf(
  commonDir: string,
  before: string | null,
  wasPerWorktree: boolean,
): Promise<{ text: string; perWorktree: boolean }> {
  const found = await configText(join(commonDir, 'config')).then(harmless, (error: unknown) => ({
    problem: error instanceof Error ? error.message : String(error),
  }));
  const last = before === null ? null : harmless(before);
  if (last !== null && !('problem' in last) && ('problem' in found || formatOf(found.settings) !== formatOf(last.settings)))
    return { text: writeSettings(last.settings), perWorktree: wasPerWorktree };
  if ('problem' in found) {
    throw new PortError('terminal', `${join(commonDir, 'config')}: ${found.problem}`, {
      hint: '`git config --local --list` shows what git reads there.',
    });
  }
  return { text: writeSettings(found.settings), perWorktree: found.perWorktree };
}

const formatOf = (settings: readonly Setting[]): string => new Map(settings).get('extensions.objectformat') ?? '';

const configText = (path: string): Promise<string> => readPlainText(path, MAX_CONFIG).catch(absent(''));

async function printOf(commonDir: string, folder: string, keeps: boolean): Promise<string> {
  const own = [folder, join(folder, 'config'), join(folder, 'info'), join(commonDir, 'config')];
  const paths = keeps
    ? [
        ...own,
        join(folder, EXCLUDE),
        join(commonDir, EXCLUDE),
        ...['HEAD', 'commondir', SPARSE].map((name) => join(`${folder}${NEW}`, name)),
      ]
    : own;
  const found = await Promise.all(paths.map((path) => lstat(path, { bigint: true }).catch(absent(null))));
  return found.map((one) => (one === null ? '-' : `${one.dev} ${one.ino} ${one.size} ${one.mtimeNs} ${one.ctimeNs}`)).join();
}

/** By renaming: another process of tac8 may use the folder at this moment. */
async function linkTo(target: string, path: string, scratch: string): Promise<void> {
  if ((await readlink(path).catch(() => null)) === target) return;
  const fresh = join(scratch, randomUUID());
  if ((await kindOf(path)) === 'folder') await removeFolder(path);
  await symlink(target, fresh);
  await rename(fresh, path);
}

/** Whatever else is in there is not ours: hooks, attributes, grafts. */
async function removeOthers(folder: string): Promise<void> {
  const ours = new Set<string>([...LINKS, 'config', 'info']);
  for (const below of ['', 'info/']) {
    for (const name of await readdir(join(folder, below))) {
      if (!ours.has(`${below}${name}`)) await removeFolder(join(folder, below, name));
    }
  }
}
