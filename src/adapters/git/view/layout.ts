import { accessSync, constants, existsSync, lstatSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSettings } from './config-text.ts';
import { textOf } from './files.ts';
import { harmless } from './harmless.ts';
import { hasReftable } from './reftable.ts';

/** Why tac8 cannot work in a repository as it is, in one sentence, and what mends it. */
export interface Refusal {
  readonly says: string;
  readonly mend: string;
}

export interface Layout {
  /** The checkout that tac8 is started in. */
  readonly root: string;
  /** git's own folder, shared by all worktrees. */
  readonly gitDir: string;
  readonly branchPrefix: string;
  /** What a worker can add is looked at, too: tac8 has not worked there yet, or a person wants to know. */
  readonly isNew: boolean;
  /** Whether git refuses to look into it, by whom its files belong to and the person's own settings. */
  readonly refusesOwner: () => Promise<boolean>;
}

type Rule = (layout: Layout, settings: ReadonlyMap<string, string>) => Refusal | null | Promise<Refusal | null>;

/** Asked before anything is written, by `init`, `doctor` and `start` alike. Null: tac8 can work there. */
export async function refusalOf(layout: Layout): Promise<Refusal | null> {
  const settings = new Map(readSettings(textOf(join(layout.gitDir, 'config'))) ?? []);
  for (const rule of [
    oneLine,
    reftable,
    readable,
    bare,
    linked,
    prefixTaken,
    remotes,
    encrypted,
    empty,
    owner,
    writable,
  ] satisfies Rule[]) {
    const found = await rule(layout, settings);
    if (found !== null) return found;
  }
  return null;
}

function oneLine({ root, gitDir }: Layout): Refusal | null {
  const found = [root, gitDir].find((path) => /[\r\n]/.test(path));
  if (found === undefined) return null;
  return {
    says: `the path ${found.replace(/\s+/g, ' ')} holds a line’s end: git’s own files and tac8’s name a path in one line`,
    mend: 'Give that folder another name.',
  };
}

function reftable({ root, gitDir }: Layout): Refusal | null {
  if (!hasReftable(gitDir)) return null;
  return {
    says: `${root} keeps its refs in the reftable format, which tac8 does not read yet`,
    mend: '`git refs migrate --ref-format=files` changes that.',
  };
}

/** Where tac8 has worked already, it goes on with the settings that it saw last. */
function readable({ gitDir, isNew }: Layout): Refusal | null {
  const found = isNew ? harmless(textOf(join(gitDir, 'config'))) : null;
  if (found === null || !('problem' in found)) return null;
  return { says: `${join(gitDir, 'config')}: ${found.problem}`, mend: '`git config --local --list` shows what git reads there.' };
}

/** A worktree of a bare repository is a checkout: its `.git` is a file. Where tac8 has worked already, a worker may have set it: git is given settings of ours. */
function bare({ root, gitDir, isNew }: Layout, settings: ReadonlyMap<string, string>): Refusal | null {
  if (!isNew || !/^(true|yes|on|1)$/i.test(settings.get('core.bare') ?? '') || gitDir !== join(root, '.git')) return null;
  return {
    says: `${gitDir} is a bare repository (core.bare = true), so that ${root} is no checkout`,
    mend: 'Start tac8 in a worktree of it, or type `git config core.bare false` where a tool has set that.',
  };
}

/** Its settings and refs are those of another checkout, and git's files here are no plain ones. */
function linked({ root, gitDir, isNew }: Layout): Refusal | null {
  const isLink = (name: string): boolean => lstatSync(join(gitDir, name), { throwIfNoEntry: false })?.isSymbolicLink() === true;
  const found = isNew ? ['config', 'refs', 'packed-refs'].find(isLink) : undefined;
  if (found === undefined) return null;
  return {
    says: `${join(gitDir, found)} is a link: ${root} shares it with another checkout, as git-new-workdir makes it`,
    mend: 'Start tac8 in that other checkout, or in one made by `git worktree add`.',
  };
}

/** git keeps branches as files: beside the branch `auto` there is no `auto/gh-1`. */
function prefixTaken({ gitDir, branchPrefix, isNew }: Layout): Refusal | null {
  if (!isNew) return null;
  const packed = textOf(join(gitDir, 'packed-refs'));
  const parts = branchPrefix.split('/').slice(0, -1);
  for (const [n] of parts.entries()) {
    const name = parts.slice(0, n + 1).join('/');
    const ref = `refs/heads/${name}`;
    const isLoose = statSync(join(gitDir, ref), { throwIfNoEntry: false })?.isFile() === true;
    if (isLoose || packed.includes(` ${ref}\n`))
      return {
        says: `there is a branch called ${name}, so that git can make no branch ${branchPrefix}gh-1`,
        mend: `Rename it (\`git branch -m ${name} other\`), or set branch_prefix in tac8.yaml.`,
      };
  }
  return null;
}

function remotes({ root, isNew }: Layout, settings: ReadonlyMap<string, string>): Refusal | null {
  const names = [...settings.keys()].flatMap((key) => /^remote\.(.+)\.url$/.exec(key)?.[1] ?? []);
  if (!isNew || names.length < 2 || names.includes('origin')) return null;
  return {
    says: `${root} has the remotes ${names.join(', ')}, and none of them is called origin: tac8 does not know where work goes`,
    mend: `\`git remote rename ${names[0]} origin\` says it.`,
  };
}

/** git-crypt looks for its key in a worktree's own folder of git. Attributes may stand in any folder; its own traces tell of those. */
function encrypted({ root, gitDir, isNew }: Layout, settings: ReadonlyMap<string, string>): Refusal | null {
  if (!isNew) return null;
  const attributes = [join(root, '.gitattributes'), join(gitDir, 'info/attributes')].map(textOf).join('\n');
  const isNamed = /^[^#\n\r\u2028\u2029]*[ \t]filter=git-crypt(?![^\s-])/m.test(attributes);
  const isSetUp = settings.has('filter.git-crypt.clean') || existsSync(join(gitDir, 'git-crypt')) || existsSync(join(root, '.git-crypt'));
  if (!isNamed && !isSetUp) return null;
  return {
    says: `${root} has files encrypted by git-crypt, which does not work in a worktree: a worker would see them encrypted, and commit new ones in the clear`,
    mend: 'Keep them in a repository of their own, or with a tool that encrypts what is in the file (sops), and take git-crypt out of .gitattributes.',
  };
}

/** Where there is a remote, the first fetch may bring what to start from. */
function empty({ root, gitDir, isNew }: Layout, settings: ReadonlyMap<string, string>): Refusal | null {
  if (!isNew || [...settings.keys()].some((key) => /^remote\..+\.url$/.test(key))) return null;
  if (/ refs\//.test(textOf(join(gitDir, 'packed-refs'))) || holdsFile(join(gitDir, 'refs/heads'))) return null;
  return {
    says: `${root} has no commits yet and no remote, so that there is nothing to start a worktree from`,
    mend: 'Make a first commit: `git add -A && git commit -m "First"`.',
  };
}

function holdsFile(folder: string): boolean {
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  return entries.some((entry) => entry.isFile());
}

async function owner({ root, refusesOwner }: Layout): Promise<Refusal | null> {
  if (!(await refusesOwner())) return null;
  return {
    says: `${root} belongs to another user, and git refuses to work there`,
    mend: `Run tac8 as its owner, or allow it for yourself with \`git config --global --add safe.directory ${root}\`.`,
  };
}

/** Its owner gives the right back to itself where a worker took it away (see sound/); nobody else can. */
function writable({ gitDir }: Layout): Refusal | null {
  try {
    accessSync(gitDir, constants.W_OK);
    return null;
  } catch (error) {
    const isItsOwner = statSync(gitDir, { throwIfNoEntry: false })?.uid === process.geteuid?.();
    if (isItsOwner && error instanceof Error && 'code' in error && error.code === 'EACCES') return null;
  }
  return {
    says: `this user may not write ${gitDir}, where each task gets a branch and a worktree`,
    mend: 'Run tac8 as the owner of the repository, or in a clone of your own.',
  };
}
