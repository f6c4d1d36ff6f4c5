import { existsSync, lstatSync, readdirSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { PortError } from '../../../engine/ports/error.ts';
import type { Box } from '../../../engine/ports/machine/box.ts';

/** What of /etc programs need to run at all; nothing of it is secret. */
const ETC = [
  ...[
    'alternatives',
    'ca-certificates',
    'ca-certificates.conf',
    'chromium',
    'chromium.d',
    'crypto-policies',
    'debian_version',
    'fonts',
    'gai.conf',
    'ld.so.cache',
  ],
  ...['ld.so.conf', 'ld.so.conf.d', 'locale.alias', 'localtime', 'magic', 'mime.types', 'os-release', 'pki', 'postgresql-common'],
  ...['protocols', 'services', 'ssl', 'terminfo', 'timezone', 'xdg', 'java-17-openjdk', 'java-21-openjdk', 'maven', 'gradle'],
];
/** Links to /usr on every Linux of today, folders of their own on some others. */
const TOP = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** The one folder of settings below /usr. */
const USR_SETTINGS = '/usr/local/etc';

/** Where the socket of the way out is inside, and the port on the worker's own loopback that leads to it. */
export const EGRESS_INSIDE = '/run/tac8';

/** Where the made files of /etc come from: the run's folder. */
export const MADE = ['passwd', 'group', 'hosts', 'nsswitch.conf'] as const;

/** The user inside: nobody there is root, whoever started it. */
export function userInside(): { readonly uid: number; readonly gid: number } {
  const uid = process.getuid?.() ?? 1000;
  return uid === 0 ? { uid: 1000, gid: 1000 } : { uid, gid: process.getgid?.() ?? uid };
}

/** The files that name the user inside, and the machine itself. */
export function madeFiles(home: string): Readonly<Record<(typeof MADE)[number], string>> {
  const { uid, gid } = userInside();
  return {
    passwd: `root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nworker:x:${uid}:${gid}:worker:${home}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`,
    group: `root:x:0:\nworker:x:${gid}:\nnogroup:x:65534:\n`,
    hosts: '127.0.0.1 localhost\n::1 localhost\n',
    'nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files\n',
  };
}

/**
 * The files of another system, of which nothing covers what is shown besides: where a place of the worker's lies below a folder of it, that folder is
 * shown entry by entry.
 */
export function systemOf(root: string, places: readonly string[]): readonly string[] {
  const words: string[] = [];
  const show = (path: string): void => {
    const from = `${root}${path}`;
    const stat = lstatSync(from);
    if (NOT_SHOWN.has(path) || places.includes(path)) return;
    if (places.some((place) => place.startsWith(`${path}/`))) {
      if (stat.isDirectory()) for (const name of readdirSync(from)) show(`${path}/${name}`);
    } else if (stat.isSymbolicLink()) words.push('--symlink', readlinkSync(from), path);
    else if (stat.isDirectory() || stat.isFile()) words.push('--ro-bind', from, path);
  };
  for (const name of readdirSync(root)) show(`/${name}`);
  return words;
}

/** Made by the box itself, or nobody's business. */
const NOT_SHOWN = new Set([
  '/proc',
  '/dev',
  '/sys',
  '/tmp',
  '/run',
  '/var/tmp',
  '/etc/shadow',
  '/etc/shadow-',
  '/etc/gshadow',
  '/etc/gshadow-',
]);

/** The system's own programs. */
export function systemWords(): readonly string[] {
  const words: string[] = ['--ro-bind', '/usr', '/usr', ...coverWords(USR_SETTINGS, USR_SETTINGS)];
  for (const path of TOP) {
    const stat = lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() === true) words.push('--symlink', readlinkSync(path), path);
    else if (stat !== undefined) words.push('--ro-bind', path, path);
  }
  return words;
}

/**
 * What root may set of the kernel. Nobody inside is root, but the kernel asks who owns these files: where root starts the box, its user inside is
 * still their owner. `core_pattern` alone would run a program outside. What root alone may read of the machine is covered: the cover can be read by
 * nobody, as no device is one there.
 */
const sealedProc = (): readonly string[] =>
  readdirSync('/proc', { withFileTypes: true }).flatMap((entry) => {
    const path = `/proc/${entry.name}`;
    // Those of processes and of namespaces are its own.
    if (/^\d+$|^sysvipc$/.test(entry.name) || entry.isSymbolicLink()) return [];
    if (entry.isFile() && isHidden(path)) return ['--ro-bind', '/dev/null', path];
    return entry.isDirectory() || isWritten(path) ? ['--ro-bind', path, path] : [];
  });

/** Of root's own, or about the keys of all. */
const isHidden = (path: string): boolean =>
  /^\/proc\/key/.test(path) || ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0o444) & 0o004) === 0;

const isWritten = (path: string): boolean => ((lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0) & 0o222) !== 0;

/**
 * The words for bwrap: an empty root, and in it only what is listed. `folder`: the run's own, read-only. Throws a terminal PortError where a
 * place is not as tac8 made it: a link that a worker put there would lead bwrap elsewhere.
 */
export function viewWords(box: Box, folder: string): readonly string[] {
  const words = box.system === null ? [...systemWords(), ...etcWords()] : [...systemOf(box.system, placesOf(box, folder))];
  for (const name of MADE) words.push('--ro-bind', join(folder, `etc-${name}`), `/etc/${name}`);
  words.push('--proc', '/proc', ...sealedProc(), '--dev', '/dev', '--tmpfs', '/tmp', '--tmpfs', '/run');
  words.push('--bind', plain(box.scratch), '/var/tmp');
  // What lies deeper comes later, so that nothing covers it.
  const places = [
    ...box.read.map((path) => ({ from: path, to: path, write: false })),
    ...box.write.map((path) => ({ from: path, to: path, write: true })),
    ...box.as,
    { from: folder, to: folder, write: false },
  ];
  for (const { from, to, write } of places.toSorted((a, b) => depth(a.to) - depth(b.to)))
    words.push(write ? '--bind' : '--ro-bind', write ? plain(from) : from, to);
  for (const path of box.sealed) words.push('--ro-bind', plainFile(path), path);
  words.push('--remount-ro', '/');
  return words;
}

const etcWords = (): readonly string[] =>
  ETC.map((name) => `/etc/${name}`)
    .filter((path) => existsSync(path))
    .flatMap((path) => ['--ro-bind', realpathSync(path), path, ...coverWords(realpathSync(path), path)]);

/**
 * What not everybody may read of a folder of settings (`/etc/ssl/private`): where root starts the box, its user inside is still the owner of that. `to`: where it is
 * shown. A file is covered by one that nobody can read there, a folder by an empty one.
 */
export function coverWords(from: string, to: string): readonly string[] {
  const stat = lstatSync(from, { throwIfNoEntry: false });
  if (stat?.isFile() === true) return (stat.mode & 0o004) === 0 ? ['--ro-bind', '/dev/null', to] : [];
  if (stat?.isDirectory() !== true) return [];
  if ((stat.mode & 0o005) !== 0o005) return ['--tmpfs', to, '--remount-ro', to];
  return readdirSync(from, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() || entry.isFile())
    .flatMap(({ name }) => coverWords(join(from, name), join(to, name)));
}

/** Whatever else is shown, by its place inside. */
const placesOf = (box: Box, folder: string): readonly string[] => [
  ...[...box.read, ...box.write, ...box.as.map(({ to }) => to), folder, EGRESS_INSIDE, '/var/tmp'],
  ...['/proc', '/dev', '/etc/shadow', '/etc/gshadow', ...MADE.map((name) => `/etc/${name}`)],
];

const depth = (path: string): number => path.split('/').length;

/** No part of it is a link: whoever works in the folders above could have put one there. */
function plain(path: string): string {
  let real: string;
  try {
    real = realpathSync(path);
  } catch {
    throw notAsMade(path, 'it is gone');
  }
  if (real !== path) throw notAsMade(path, `it leads to ${real}`);
  return path;
}

function plainFile(path: string): string {
  if (lstatSync(plain(path), { throwIfNoEntry: false })?.isFile() === true) return path;
  throw notAsMade(path, 'it is no file');
}

const notAsMade = (path: string, why: string): PortError =>
  new PortError('terminal', `the sandbox does not start: ${path} is not as tac8 made it, ${why}`, {
    hint: 'A worker may have put it there. Look at it and take it away, then retry.',
  });
