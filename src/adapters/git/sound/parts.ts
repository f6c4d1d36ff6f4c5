import { readSettings, type Setting } from '../view/config-text.ts';
import { harmless } from '../view/harmless.ts';

/** A file that all tasks share in git's folder. */
export interface Part {
  /** Below git's folder. */
  readonly path: string;
  /** Bytes; one that is larger holds whoever reads it. */
  readonly most: number;
  /** The first bytes of one that git itself made, from what is elsewhere in the folder. */
  readonly begins?: string;
  /** No git can work with another text; left out: with any. */
  readonly isGood?: (text: string) => boolean;
  /** The lines of a broken one that can be gone on with. */
  readonly goodOf?: (text: string) => string;
  /** Good, and yet nothing to put back; `last` is the copy, empty for none. */
  readonly isOdd?: (text: string, last: string) => boolean;
  /** As it was last, it is put back. `gone`: also where it is not there, as nothing but an accident takes it away. */
  readonly kept?: 'broken' | 'gone';
}

const MIB = 1024 * 1024;
const ID = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/;

/** What stands in HEAD, and in the file of a ref. */
export const isRefText = (text: string): boolean => /^ref: refs\/\S/.test(text) || ID.test(text.trimEnd());

/** Of a format that some git has; which extensions there are, its own git knows. One without a setting is what a power cut left. */
function isConfig(text: string): boolean {
  const settings = readSettings(text);
  return settings !== null && settings.length > 0 && /^[01]?$/.test(new Map(settings).get('core.repositoryformatversion') ?? '');
}

/** With an extension that not every git knows, or with other names of objects: a repository keeps its own. */
function isOddConfig(text: string, last: string): boolean {
  const [now, before] = [harmless(text), harmless(last)];
  if ('problem' in now || youngIn(text) > youngIn(last)) return true;
  return last !== '' && !('problem' in before) && formatOf(now.settings) !== formatOf(before.settings);
}

const youngIn = (text: string): number => (readSettings(text) ?? []).filter(([key]) => key === 'extensions.relativeworktrees').length;

const formatOf = (settings: readonly Setting[]): string => new Map(settings).get('extensions.objectformat') ?? '';

const PACKED = /^(?:#.*|[0-9a-f]{40,64} refs\/\S.*|\^[0-9a-f]{40,64})$/;

/** Whole lines alone: the rest of a name that was cut is another name. */
function packedLines(text: string): readonly string[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.filter((line, n) => PACKED.test(line) && (!line.startsWith('^') || PACKED.test(lines[n - 1] ?? '')));
}

const linesOf = (text: string): number => text.split('\n').length - 1;
const joined = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

export const PARTS: readonly Part[] = [
  { path: 'HEAD', most: 4096, isGood: isRefText, kept: 'gone' },
  { path: 'config', most: MIB, isGood: isConfig, isOdd: isOddConfig, kept: 'gone' },
  { path: 'config.worktree', most: MIB, isGood: (text) => readSettings(text) !== null },
  {
    path: 'packed-refs',
    most: 256 * MIB,
    isGood: (text) => (text === '' || text.endsWith('\n')) && packedLines(text).length === linesOf(text),
    goodOf: (text) => joined(packedLines(text)),
    kept: 'gone',
  },
  {
    path: 'shallow',
    most: 16 * MIB,
    isGood: (text) => text.split('\n').every((line) => line === '' || ID.test(line)),
    goodOf: (text) => joined(text.split('\n').filter((line) => ID.test(line))),
    kept: 'broken',
  },
  { path: 'objects/info/commit-graph', most: 8192 * MIB, begins: 'CGPH' },
  { path: 'objects/pack/multi-pack-index', most: 8192 * MIB, begins: 'MIDX' },
  ...['info/exclude', 'info/attributes', 'info/grafts', 'info/sparse-checkout', 'objects/info/alternates'].map((path) => ({
    path,
    most: 8 * MIB,
  })),
];

/** Folders, outermost first; those that git needs to take it for a repository are made where they are not there. */
export const FOLDERS: readonly (readonly [path: string, isNeeded: boolean])[] = [
  ['objects', true],
  ['objects/info', false],
  ['objects/pack', false],
  ['refs', true],
  ['refs/heads', true],
  ['refs/tags', false],
  ['refs/remotes', false],
  ['refs/tac8', false],
  ['logs', false],
  ['logs/refs', false],
  ['logs/refs/heads', false],
  ['logs/refs/remotes', false],
  ['info', false],
  ['worktrees', false],
];

/** Of two texts of packed refs: all of the first, and what the second has besides. */
export function mergePacked(first: string, second: string): string {
  const nameOf = (line: string): string => line.slice(line.indexOf(' ') + 1);
  const blocks = new Map<string, string>();
  for (const text of [second, first]) {
    let name = '';
    for (const line of packedLines(text)) {
      if (line.startsWith('#')) continue;
      if (!line.startsWith('^')) name = nameOf(line);
      blocks.set(name, line.startsWith('^') ? `${blocks.get(name) ?? ''}${line}\n` : `${line}\n`);
    }
  }
  // Not said to be sorted: git then reads it as it is.
  return [...blocks.values()].join('');
}
