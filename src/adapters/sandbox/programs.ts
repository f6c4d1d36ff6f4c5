import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';

/** Folders of programs that a box shows as they are, whatever is on PATH. */
const SHOWN = ['/usr', '/bin', '/sbin', '/lib', '/lib64'];

/**
 * What has to be read to run the programs on PATH and those of the names, which are looked for there, too: the folder above a `bin`, with the libraries beside it; of one that holds
 * much else, as a home does, the `bin` alone. `closed`: what no box shows, and so nothing above it. `system`: the folder with the files of another system; what is named and not
 * there is shown out of this one.
 */
export function programFolders(
  path: string,
  names: readonly string[],
  closed: readonly string[],
  system: string | null = null,
): readonly string[] {
  const folders = path
    .split(':')
    .filter((dir) => dir.startsWith('/'))
    .flatMap((dir) => real(dir));
  const programs = names
    .flatMap((name) => find(name, path))
    .filter((file) => system === null || !existsSync(`${system}${file}`))
    .flatMap((file) => [file, ...real(file)]);
  const missing = new Set(system === null ? [] : programs.map(packageOf));
  const isShown = (one: string): boolean => SHOWN.some((top) => isWithin(one, top)) && !missing.has(one);
  const shown = [...folders.map((dir) => installationOf(dir, closed)), ...programs.map(packageOf)];
  const kept = [...new Set(shown)].filter((one) => !isShown(one) && !closed.some((place) => isWithin(place, one)));
  return kept.filter((one) => !kept.some((other) => other !== one && isWithin(one, other)));
}

/** Programs that a command line names by their whole paths, such as a person's own script; those of the system are shown anyway. */
export function scriptsIn(argv: readonly string[]): readonly string[] {
  const [, flag, line = ''] = argv;
  if (flag !== '-c') return [];
  const words = [...line.matchAll(/(?<![^\s;&|(="'])\/[^\s;&|()<>"'$`*?]+/g)].map(([word]) => word);
  return words.filter((word) => !SHOWN.some((top) => isWithin(word, top)) && isProgram(word));
}

function isProgram(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false });
  return stat?.isFile() === true && (stat.mode & 0o111) !== 0;
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
