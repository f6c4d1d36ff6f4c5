import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Attempt, HANDED_ON, type Outside } from './attempt.ts';

/** Where a word lies that no worker may learn. */
const SECRETS = [
  '$PERSON/.ssh/id_rsa',
  '$ROOT/secret.txt',
  '$ROOT/trees/gh-2/secret.txt',
  '$ROOT/.tac8/page-token',
  '$ROOT/.tac8/homes/gh-2/secret.txt',
  '$T/secret.txt',
];

const READING: Readonly<Record<string, (path: string) => string>> = {
  'as it is': (path) => `cat "${path}"`,
  'by its folder': (path) => `cat "$(dirname "${path}")"/*`,
  'through a link of its own': (path) => `ln -sfn "$(dirname "${path}")" "l$N"; cat "l$N"/*`,
  'by a hard link': (path) => `ln "${path}" "h$N"; cat "h$N"`,
  'through the root of a process': (path) => `cat /proc/self/root"${path}" /proc/1/root"${path}"`,
  'upwards from its folder': (path) => `cat "$PWD/../../../../../../../../..${path}"`,
};

const WRITING: Readonly<Record<string, readonly [string, (at: Outside, n: number) => boolean]>> = {
  'a new file': ['echo evil >"$T/new"', (at, n) => existsSync(join(at.target(n), 'new'))],
  'a new folder': ['mkdir -p "$T/dir"', (at, n) => existsSync(join(at.target(n), 'dir'))],
  'more in a file': ['echo evil >>"$T/secret.txt"', (at, n) => textOf(at, n).includes('evil')],
  'nothing left of a file': [': >"$T/secret.txt"', (at, n) => textOf(at, n) === ''],
  'a file gone': ['rm -f "$T/secret.txt"', (at, n) => !existsSync(join(at.target(n), 'secret.txt'))],
  'a file moved there': ['echo evil >m; mv m "$T/moved"', (at, n) => existsSync(join(at.target(n), 'moved'))],
  'a link there': ['ln -s /etc "$T/link"', (at, n) => readdirSync(at.target(n)).includes('link')],
  'through a link of its own': ['ln -sfn "$T" "w$N"; echo evil >"w$N/new"', (at, n) => existsSync(join(at.target(n), 'new'))],
  'through the root of its own process': ['echo evil >/proc/self/root"$T/new"', (at, n) => existsSync(join(at.target(n), 'new'))],
  'through the folder of process 1': [
    'cd /proc/1/cwd && echo evil >"../../../../../../../../..$T/new"',
    (at, n) => existsSync(join(at.target(n), 'new')),
  ],
  'a named pipe': ['mkfifo "$T/pipe"', (at, n) => existsSync(join(at.target(n), 'pipe'))],
  'a socket': [
    `/usr/bin/perl -e 'use Socket; socket(S, AF_UNIX, SOCK_STREAM, 0); chdir $ARGV[0] and bind(S, pack_sockaddr_un("door"))' "$T"`,
    (at, n) => existsSync(join(at.target(n), 'door')),
  ],
  'by a hard link to what it has open': [
    'echo evil >o; exec 8<o; ln -L /proc/self/fd/8 "$T/new"',
    (at, n) => existsSync(join(at.target(n), 'new')),
  ],
  'its time': ['touch -d @1000000000 "$T/secret.txt"', (at, n) => statSync(join(at.target(n), 'secret.txt')).mtimeMs === 1e12],
  'its mode': ['chmod 0777 "$T"', (at, n) => (statSync(at.target(n)).mode & 0o777) === 0o777],
  'an attribute of it': [
    `/usr/bin/perl -e 'syscall 188, "$ARGV[0]/secret.txt", "user.evil", "1", 1, 0 or mkdir "$ARGV[0]/did"' "$T"`,
    (at, n) => existsSync(join(at.target(n), 'did')),
  ],
  'its folder renamed': ['mv "$T" "$T.gone"', (at, n) => !existsSync(at.target(n))],
  'unpacked beside': [
    'mkdir -p a; echo evil >a/new; tar cf - -C a new | tar xf - -C "$T"',
    (at, n) => existsSync(join(at.target(n), 'new')),
  ],
};

const textOf = (at: Outside, n: number): string => {
  const path = join(at.target(n), 'secret.txt');
  return existsSync(path) ? readFileSync(path, 'utf8') : 'gone';
};

export const FILES: readonly Attempt[] = [
  ...SECRETS.flatMap((path) =>
    Object.entries(READING).map(
      ([how, script]): Attempt => ({
        ...{ kind: 'files', name: `read ${path} ${how}`, script: script(path), sign: 'says' },
        ...(how === 'by a hard link' ? { rare: 'hard links of one file system' } : {}),
      }),
    ),
  ),
  ...Object.entries(WRITING).map(
    ([what, [script, does]]): Attempt => ({
      ...{ kind: 'files', name: `write ${what}`, script, sign: { does } },
      ...(what.includes('attribute') ? { rare: 'not in every file system' } : {}),
      ...(what.includes('process 1') ? { rare: 'process 1 may be out of reach' } : {}),
    }),
  ),
  ...['self', '$PPID', '1'].map(
    (process): Attempt => ({
      ...{ kind: 'files', name: `read below a folder that tac8 was started with, of process ${process}`, sign: 'says' },
      script: `cat /proc/${process}/fd/${HANDED_ON}/repo/secret.txt`,
      ...(process === '1' ? { rare: 'outside of a box process 1 has none' } : {}),
    }),
  ),
  {
    ...{ kind: 'files', name: 'write below a folder that tac8 was started with' },
    script: `echo evil >/proc/self/fd/${HANDED_ON}/targets/$N/new`,
    sign: { does: (at, n) => existsSync(join(at.target(n), 'new')) },
  },
  {
    ...{
      kind: 'files',
      name: 'read settings of the machine that not everybody may read',
      sign: 'gets',
      rare: 'root alone may do it outside',
    },
    script: 'find /etc /usr/local/etc -mindepth 1 \\( -type f -o -type d \\) ! -perm -o=r -readable | grep -q . && echo GOT',
  },
  { kind: 'files', name: 'find it', script: 'find "$PERSON" "$ROOT" -name "*secret*" -exec cat {} +', sign: 'says' },
];
