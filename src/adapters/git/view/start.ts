import { join } from 'node:path';
import type { Log } from '../../../engine/ports/records/log.ts';
import { readSettings, type Setting } from './config-text.ts';
import { readPlainText } from './files.ts';
import { sparseSettings } from './harmless.ts';

/** A daemon’s view of a repository, in which every worker can write while it runs: what counted at its first look counts until its end. */
export interface Keeps {
  /** Lines of `info/exclude` that are there whatever the file says. */
  readonly excludes: readonly string[];
  /** What stands otherwise in the repository by now, and waits. */
  readonly waits: (names: readonly string[]) => void;
}

/** What says how files are written, which are left out and which are ignored. */
export interface Start {
  /** The settings that git is given. */
  readonly text: string;
  readonly exclude: string;
  readonly perWorktree: boolean;
}

/** Of one checkout: which files it has. */
export interface Sparse {
  readonly settings: readonly Setting[];
  readonly text: string;
}

export const [EXCLUDE, SPARSE] = ['info/exclude', 'info/sparse-checkout'];
/** As git’s own limit for such a file. */
const MOST = 8 * 1024 * 1024;

/** What cannot be read says nothing: it is moved aside elsewhere. */
const textAt = (path: string): Promise<string> => readPlainText(path, MOST).catch(() => '');

export async function excludeAt(commonDir: string, more: readonly string[] = []): Promise<string> {
  const text = await textAt(join(commonDir, EXCLUDE));
  const there = new Set(text.split('\n'));
  const missing = more.filter((line) => !there.has(line));
  return missing.length === 0 ? text : `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.join('\n')}\n`;
}

export async function sparseAt(gitDir: string): Promise<Sparse> {
  return { settings: sparseSettings(await textAt(join(gitDir, 'config.worktree'))), text: await textAt(join(gitDir, SPARSE)) };
}

/** Names of what differs, as a person would look for it. */
export function differing(start: Start, now: Pick<Start, 'text' | 'exclude'>): readonly string[] {
  const [before, after] = [start.text, now.text].map((text) => new Map(readSettings(text) ?? []));
  const keys = new Set([...(before?.keys() ?? []), ...(after?.keys() ?? [])]);
  const names = [...keys].filter((key) => before?.get(key) !== after?.get(key));
  return start.exclude === now.exclude ? names : [...names, EXCLUDE];
}

/** Said once of the same names. */
export function tellWhatWaits(log: Log): Keeps['waits'] {
  let told = '';
  return (names) => {
    const words = names.join(', ');
    if (words !== '' && words !== told)
      log.warn(`what git's folder says of ${words} was changed: it counts after \`tac8 reload\` or a restart, since a worker can write it`);
    told = words;
  };
}
