import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from '../../support/world/built.ts';
import { type Attack, type Came, quoted, type Scene } from './attack.ts';

/* Things of a kind that nobody expects where they are: in the worktree, in its index, in place of what tac8 needs. */

const NODE = `${process.execPath} --disable-warning=ExperimentalWarning`;

/** The daemon answers, and the worktree's commit has been delivered: `own` of the stage says so. */
const holds = async (scene: Scene): Promise<boolean> => !(await scene.answers());

const NAMES = ['a\\nb', 'a\\033[2Jb', 'a\\342\\200\\256txt.exe', '-rf', '--output=x', '$(touch x)', `a'b"c`, '\\001\\002'];
/** What a terminal would obey, or show the other way round. */
const OBEYED = /\u001b\[2J|\u202e|\u0001/;

const lend = (folder: string, root: string): string =>
  `mkdir -p ${folder}/store/pack; mkfifo ${folder}/store/pack/pack-${'a'.repeat(40)}.idx; printf PACK%0100d 0 >${folder}/store/pack/pack-${'a'.repeat(40)}.pack; mkdir -p ${root}/.git/objects/info; echo ${folder}/store >${root}/.git/objects/info/alternates`;

const tryRead = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return ''; // gone
  }
};

/** The most memory, in KiB, that one git outside of workers' hands had while this was watched. */
function watchGit(): { readonly most: number; end(): void } {
  let most = 0;
  const timer = setInterval(() => {
    for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
      const status = tryRead(`/proc/${pid}/status`);
      const [, size = '0'] = /^VmRSS:\s+(\d+) kB$/m.exec(status) ?? [];
      if (status.startsWith('Name:\tgit\n') && Number(size) > most) most = Number(size);
    }
  }, 200);
  return {
    get most() {
      return most;
    },
    end: () => clearInterval(timer),
  };
}
let watched = watchGit();
watched.end();

/** What tac8 allows it, and a little of what is not counted. */
const MOST_OF_GIT = 3.5 * 1024 * 1024;

/** Four trees and a file: a hundred million paths. */
const BOMB = `oid=$(echo x | git hash-object -w --stdin); kind=blob; mode=100644
for deep in 1 2 3 4; do
  oid=$(n=0; while [ $n -lt 100 ]; do printf '%s %s %s\\t%s\\n' $mode $kind $oid $n; n=$((n + 1)); done | git mktree); kind=tree; mode=40000
done
bomb=$(git commit-tree -m bomb -p HEAD $oid)`;

/** Of version 4, where a name is told by what it has besides the one before: 4 MB, and 4 GB of names. */
const ENDLESS = `const stat = Buffer.alloc(63); stat.writeUInt32BE(0x81a4, 24); stat.writeUInt16BE(0xfff, 60);
const head = Buffer.from('DIRC\\0\\0\\0\\x04\\0\\0\\0\\0'); head.writeUInt32BE(60000, 8);
const all = Buffer.concat([head, ...Array.from({ length: 60000 }, () => [stat, Buffer.from('a/\\0')]).flat()]);
require('node:fs').writeFileSync(process.argv[1], Buffer.concat([all, require('node:crypto').createHash('sha1').update(all).digest()]));`;
const index = (at: string): string => `${NODE} -e ${quoted(ENDLESS)} ${at}`;

export const ODD: readonly Attack[] = [
  {
    point: 2,
    what: 'an index of endless names',
    script: () => index('"$(git rev-parse --git-dir)/index"'),
    sounds: holds,
    twin: async ({ person, folder }) =>
      (
        await person([
          '/bin/sh',
          '-c',
          `${index(`${folder}/index`)}; ulimit -d 500000; GIT_INDEX_FILE=${folder}/index git ls-files >/dev/null`,
        ])
      ).code === 128,
    endsItself: true,
  },
  {
    point: 2,
    what: 'a commit of a hundred million names',
    before: () => {
      watched = watchGit();
    },
    script: () => `${BOMB}\ngit update-ref HEAD $bomb`,
    sounds: async (scene) => {
      const told = async (): Promise<boolean> => (await scene.place.tac8('why', scene.task)).out.includes('out of memory');
      await scene.place.until('git to be out of memory', told, 100_000);
      return watched.most > MOST_OF_GIT || (await holds(scene));
    },
    twin: async ({ person, tree }) =>
      (await person(['/bin/sh', '-c', `${BOMB}\nulimit -d 200000; git diff --name-only HEAD~1 $bomb >/dev/null`], tree)).code === 128,
    undo: () => watched.end(),
    endsItself: true,
  },
  {
    point: 2,
    what: 'objects borrowed from where a pipe waits',
    script: ({ folder, place }) => lend(folder, place.root),
    sounds: holds,
    twin: async ({ person, folder, place }) =>
      (
        await person([
          '/bin/sh',
          '-c',
          `rm -rf ${folder}/store; ${lend(folder, place.root)}; echo ${folder} | timeout 3 git hash-object -w --stdin`,
        ])
      ).code === 124,
    undo: ({ person, place }) => person(['rm', '-f', `${place.root}/.git/objects/info/alternates`]),
    endsItself: true,
  },
  {
    point: 7,
    what: 'pipes in its worktree, where git opens files by their names',
    script: () => 'mkdir -p deep; for one in .gitignore deep/.gitattributes; do rm -f $one; mkfifo $one; done; printf x >deep/new.txt',
    sounds: holds,
    twin: async ({ person, tree, folder }) =>
      (
        await person(
          [
            '/bin/sh',
            '-c',
            `rm -rf ${folder}/twin; git init -q ${folder}/twin; cd ${folder}/twin; mkfifo .gitignore; timeout 3 git status`,
          ],
          tree,
        )
      ).code === 124,
    endsItself: true,
  },
  {
    point: 7,
    what: 'a file of 300 GB in its worktree',
    script: () => 'truncate -s 300G huge',
    sounds: holds,
    twin: async ({ person, tree }) => (await person(['timeout', '3', 'git', 'hash-object', 'huge'], tree)).code === 124,
    undo: ({ person, tree }) => person(['rm', '-f', join(tree, 'huge')]),
    endsItself: true,
  },
  {
    point: 9,
    what: 'names that a terminal obeys',
    script: () => NAMES.map((name) => `printf x >"./$(printf '%b' ${quoted(name)})"`).join('\n'),
    sounds: async ({ place, task, person }) => {
      // Into a pipe, a patch is git's bytes as they are.
      const onTerminal = (words: readonly string[]): Promise<Came> =>
        person(['script', '-qefc', `PAGER=cat ${NODE} ${MAIN} -C ${place.root} ${words.join(' ')}`, '/dev/null']);
      const said = await Promise.all([['diff', task], ['diff', task, '--stat'], ['why', task], ['view', task], ['status']].map(onTerminal));
      if (said.some(({ out }) => out === '')) throw new Error('a command said nothing');
      return said.some(({ out }) => OBEYED.test(out));
    },
    twin: async ({ person, tree }) => OBEYED.test((await person(['/bin/sh', '-c', 'printf "%s\\n" *'], tree)).out),
  },
  {
    point: 4,
    what: 'its run’s folder is gone',
    script: () => 'rm -rf "$TAC8_RUN_DIR"',
    sounds: holds,
    // Who does not expect it is stopped by it.
    twin: async ({ place, person }) => (await person(['ls', `${place.root}/.tac8/runs/none`])).code !== 0,
    endsItself: true,
  },
  {
    point: 4,
    what: 'all of tac8’s own is gone but the database',
    script: ({ place }) =>
      `cd ${place.root}/.tac8 && for name in * .[a-z]*; do case $name in tac8.db*) ;; *) rm -rf "$name" ;; esac; done; cd -`,
    sounds: holds,
    // Who does not expect it is stopped by it.
    twin: async ({ place, person }) => (await person(['ls', `${place.root}/.tac8/runs/none`])).code !== 0,
    endsItself: true,
  },
  {
    point: 2,
    what: 'an index that says nothing has changed',
    script: () =>
      'git update-index --assume-unchanged done.txt; git update-index --skip-worktree README.md; git config core.untrackedCache true; git config core.splitIndex true; git update-index --split-index --untracked-cache; echo changed >done.txt; echo changed >README.md',
    sounds: async ({ place, task }) => !/changed/.test((await place.tac8('diff', task)).out),
    twin: async ({ person, tree }) => !/changed/.test((await person(['git', 'diff'], tree)).out),
  },
  {
    point: 8,
    what: 'a mark of another task in its environment',
    holds: true,
    script: ({ place, held }) =>
      `TAC8_TASK=${held} TAC8_RUN=w-000000 TAC8_RUN_DIR=/nowhere ${NODE} ${MAIN} -C ${place.root} resume ${held}; echo "left with $?"`,
    sounds: ({ said }) => /left with 0/.test(said()),
    twin: async ({ person, place, held }) =>
      (await person([process.execPath, '--disable-warning=ExperimentalWarning', MAIN, '-C', place.root, 'resume', held])).code === 0,
  },
  {
    point: 4,
    what: 'a hard link to a person’s file in place of its log',
    before: ({ person, folder }) => person(['/bin/sh', '-c', `echo mine >${folder}/mine`]),
    script: ({ place, task, folder }) => `for at in ${place.root}/logs/${task}.*jsonl; do ln -f ${folder}/mine "$at"; done`,
    sounds: async ({ person, folder }) => (await person(['cat', `${folder}/mine`])).out !== 'mine\n',
    twin: ({ person, folder }) => person(['/bin/sh', '-c', `ln ${folder}/mine ${folder}/log; echo a line >>${folder}/log`]),
    endsItself: true,
  },
];
