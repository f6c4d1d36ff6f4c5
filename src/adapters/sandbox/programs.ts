import { existsSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** Folders of programs that a box shows as they are, whatever is on PATH. */
const SHOWN = ['/usr', '/bin', '/sbin', '/lib', '/lib64'];

/**
 * What has to be read to run the programs on PATH and those of the names, which are looked for there, too: the folder above a `bin`, with the libraries beside it; of one that holds
 * much else, as a home does, the `bin` alone. `closed`: what no box shows, and so nothing above it.
 */
export function programFolders(path: string, names: readonly string[], closed: readonly string[]): readonly string[] {
  const folders = path
    .split(':')
    .filter((dir) => dir.startsWith('/'))
    .flatMap((dir) => real(dir));
  const programs = names.flatMap((name) => find(name, path)).flatMap((file) => [file, ...real(file)]);
  const shown = [...folders.map((dir) => installationOf(dir, closed)), ...programs.map(packageOf)];
  const kept = [...new Set(shown)].filter(
    (one) => !SHOWN.some((top) => isWithin(one, top)) && !closed.some((place) => isWithin(place, one)),
  );
  return kept.filter((one) => !kept.some((other) => other !== one && isWithin(one, other)));
}

/** `…/bin` of an installation of its own: all of that. */
function installationOf(dir: string, closed: readonly string[]): string {
  const above = dirname(dir);
  const isOwn = /\/s?bin$/.test(dir) && existsSync(join(above, 'lib')) && !/\/\.[^/]*$/.test(above) && !/^\/[^/]*$/.test(above);
  return isOwn && !closed.some((place) => isWithin(place, above)) ? above : dir;
}

/** A program out of npm needs what is installed beside it; any other, itself. */
function packageOf(file: string): string {
  const at = file.indexOf(`${sep}node_modules${sep}`);
  return at === -1 ? file : `${file.slice(0, at)}${sep}node_modules`;
}

function find(word: string, path: string): readonly string[] {
  const places = word.includes('/') ? [word] : path.split(':').map((dir) => join(dir, word));
  const found = places.find((place) => place.startsWith('/') && existsSync(place));
  return found === undefined ? [] : [found];
}

function real(path: string): readonly string[] {
  try {
    return [realpathSync(path)];
  } catch {
    return []; // not there
  }
}

export const isWithin = (path: string, folder: string): boolean => path === folder || path.startsWith(`${folder.replace(/\/$/, '')}/`);
