import { readSettings, type Setting } from './config-text.ts';

/*
 * The settings of a repository that git is given: those of its format, and those that say how files are written. Each has a few values that
 * it can have; none names a program, a file, a host or another setting. Whatever is not in this table is as if it were not there.
 */

const BOOLEAN = /^(true|false|yes|no|on|off|0|1)$/i;
const NAME = /^[^\p{Cc}<>]{1,200}$/u;

const HARMLESS: Readonly<Record<string, RegExp>> = {
  'core.filemode': BOOLEAN,
  'core.symlinks': BOOLEAN,
  'core.ignorecase': BOOLEAN,
  'core.precomposeunicode': BOOLEAN,
  'core.protecthfs': BOOLEAN,
  'core.protectntfs': BOOLEAN,
  'core.longpaths': BOOLEAN,
  'core.trustctime': BOOLEAN,
  'core.checkstat': /^(default|minimal)$/i,
  'core.autocrlf': /^(true|false|yes|no|on|off|0|1|input)$/i,
  'core.eol': /^(lf|crlf|native)$/i,
  'core.safecrlf': /^(true|false|yes|no|on|off|0|1|warn)$/i,
  'core.sharedrepository': /^(true|false|yes|no|umask|group|all|world|everybody|0[0-7]{3})$/i,
  'core.logallrefupdates': /^(true|false|always)$/i,
  'core.bigfilethreshold': /^\d{1,12}[kmg]?$/i,
  'core.compression': /^(-1|\d)$/,
  'core.loosecompression': /^(-1|\d)$/,
  'core.sparsecheckout': BOOLEAN,
  'core.sparsecheckoutcone': BOOLEAN,
  'index.sparse': BOOLEAN,
  'index.version': /^[234]$/,
  // Who a commit of saved work is by.
  'user.name': NAME,
  'user.email': NAME,
  'author.name': NAME,
  'author.email': NAME,
  'committer.name': NAME,
  'committer.email': NAME,
};

const SPARSE = ['core.sparsecheckout', 'core.sparsecheckoutcone', 'index.sparse'];

/** Extensions that change nothing for git as we call it, or that are taken over. */
const EXTENSIONS: Readonly<Record<string, RegExp>> = {
  noop: /.*/,
  'noop-v1': /.*/,
  preciousobjects: BOOLEAN,
  worktreeconfig: BOOLEAN,
  partialclone: /.*/,
  relativeworktrees: BOOLEAN,
  objectformat: /^(sha1|sha256)$/,
  refstorage: /^files$/,
};

const isTrue = (value: string | undefined): boolean => /^(true|yes|on|1)$/i.test(value ?? '');

export type Harmless =
  | { readonly problem: string }
  | {
      readonly settings: readonly Setting[];
      /** Each worktree has settings of its own. */
      readonly perWorktree: boolean;
    };

/** What of a configuration file can be believed. */
export function harmless(text: string): Harmless {
  const all = readSettings(text);
  if (all === null) return { problem: 'it is not of the form that git reads' };
  const last = new Map(all);
  const version = Number(last.get('core.repositoryformatversion') ?? '0');
  if (version !== 0 && version !== 1) return { problem: `the format ${version} of the repository is not known` };
  for (const [key, value] of last) {
    const extension = /^extensions\.(.*)$/.exec(key)?.[1];
    if (extension === undefined || version === 0) continue;
    if (EXTENSIONS[extension]?.test(value) !== true) return { problem: `the extension ${extension} = ${value} is not known` };
  }
  const format = version === 1 && last.get('extensions.objectformat') === 'sha256';
  const own: Setting[] = format
    ? [
        ['core.repositoryformatversion', '1'],
        ['extensions.objectformat', 'sha256'],
      ]
    : [['core.repositoryformatversion', '0']];
  return { settings: [...own, ...chosen(last, Object.keys(HARMLESS))], perWorktree: isTrue(last.get('extensions.worktreeconfig')) };
}

const chosen = (all: ReadonlyMap<string, string>, keys: readonly string[]): readonly Setting[] =>
  keys.flatMap((key): Setting[] => {
    const value = all.get(key);
    return value !== undefined && HARMLESS[key]?.test(value) === true ? [[key, value]] : [];
  });

/** What the settings of one worktree say of the files that a sparse checkout leaves out. */
export const sparseSettings = (text: string): readonly Setting[] => chosen(new Map(readSettings(text) ?? []), SPARSE);

/** As a configuration file; every value in quotes. */
export function writeSettings(settings: readonly Setting[]): string {
  const quoted = (value: string): string => `"${value.replaceAll(/["\\]/g, '\\$&').replaceAll('\n', '\\n')}"`;
  const line = ([key, value]: Setting): string => {
    const [first, last] = [key.indexOf('.'), key.lastIndexOf('.')];
    const below = first === last ? '' : ` ${quoted(key.slice(first + 1, last))}`;
    return `[${key.slice(0, first)}${below}]\n\t${key.slice(last + 1)} = ${quoted(value)}\n`;
  };
  return settings.map(line).join('');
}
