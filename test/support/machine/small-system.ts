import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const LINKS = ['bin', 'sbin', 'lib', 'lib64'];
const PERL = ['/usr/lib/x86_64-linux-gnu/perl-base', '/usr/lib/aarch64-linux-gnu/perl-base'];
/** What a worker's box runs, and what tests look around with. */
const PROGRAMS = [
  'sh',
  'env',
  'perl',
  'setsid',
  'git',
  'id',
  'ls',
  'cat',
  'sleep',
  'mkdir',
  'rm',
  'touch',
  'grep',
  'tr',
  'timeout',
  'dirname',
  'basename',
  'ln',
  'unshare',
  'true',
];

/** A folder with the files of a system that is smaller than this machine's: these programs, what they need to run, and one word of its own in /etc. */
export function makeSmallSystem(root: string): void {
  for (const name of LINKS) {
    mkdirSync(join(root, 'usr', name), { recursive: true });
    execFileSync('ln', ['-s', existsSync(`/${name}`) ? readlinkSync(`/${name}`) : `usr/${name}`, join(root, name)]);
  }
  mkdirSync(join(root, 'etc'));
  writeFileSync(join(root, 'etc/small'), 'a system of its own\n');
  for (const name of PROGRAMS) {
    const path = execFileSync('/usr/bin/env', ['which', name], { encoding: 'utf8', env: { PATH: '/usr/bin:/bin' } }).trim();
    const libraries = execFileSync('ldd', [realpathSync(path)], { encoding: 'utf8' }).match(/\/\S+/g) ?? [];
    for (const file of [path, ...libraries]) copy(root, file);
  }
  for (const path of PERL) if (existsSync(path)) cpSync(path, join(root, path), { recursive: true, dereference: true });
}

/** Under the name that it is looked for by, wherever this machine has it. */
function copy(root: string, file: string): void {
  const to = join(root, realpathSync(dirname(file)), basename(file));
  mkdirSync(dirname(to), { recursive: true });
  if (!existsSync(to)) cpSync(realpathSync(file), to);
}
