import { existsSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import type { Box } from '../../engine/ports/machine/box.ts';
import { isWithin, programFolders } from './programs.ts';

export interface Boxed {
  /** The files of another system; null: this machine's. */
  readonly system: string | null;
  /** The repository's root, and git's folder, which no box shows. */
  readonly root: string;
  readonly gitDir: string;
  /** What stands in its place, and the objects; null: nothing of git's. */
  readonly git: {
    readonly write: { readonly from: string; readonly to: string };
    readonly read: readonly { readonly from: string; readonly to: string }[];
  } | null;
  readonly worktree: string;
  /** The task's own, which lasts from run to run; made where it is missing. */
  readonly home: string;
  /** The person's. */
  readonly personHome: string;
  /** The worker's PATH, and what it runs: names and paths. */
  readonly path: string;
  readonly programs: readonly string[];
  readonly profile: { readonly read: readonly string[]; readonly write: readonly string[]; readonly nested: boolean };
  /** Files with certificates that the machine's environment names. */
  readonly certificates: readonly string[];
  /** Where the person's tool managers keep what they installed, and the downloads that all tasks share. */
  readonly toolchains: readonly string[];
  readonly caches: readonly string[];
  readonly egress: string | null;
}

/** What a worker sees. */
export function boxOf(what: Boxed): Box {
  const { system, root, gitDir, worktree, home, personHome, profile } = what;
  const scratch = join(home, '.scratch');
  const named = (paths: readonly string[]): readonly string[] =>
    paths.map((path) => (path.startsWith('~/') ? join(personHome, path.slice(2)) : path)).filter((path) => existsSync(path));
  const closed = [root, personHome, gitDir, '/etc', '/home', '/root', '/var', '/tmp'];
  const programs = programFolders(what.path, what.programs, closed, system);
  const tools = what.toolchains.filter((path) => existsSync(path) && !closed.some((place) => isWithin(place, path)));
  return {
    system,
    read: [
      ...new Set([
        ...programs,
        ...tools,
        ...named(profile.read),
        ...what.certificates.filter((path) => existsSync(path)),
        join(root, '.tac8', 'gitconfig'),
      ]),
    ],
    write: [worktree, home, ...what.caches, ...named(profile.write).map((path) => realpathSync(path))],
    as: what.git === null ? [] : [{ ...what.git.write, write: true }, ...what.git.read.map((one) => ({ ...one, write: false }))],
    sealed: [join(worktree, '.git')],
    scratch,
    home,
    egress: what.egress,
    nested: profile.nested,
  };
}
