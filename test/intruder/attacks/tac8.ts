import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MAIN } from '../../support/world/built.ts';
import { type Attack, type Came, quoted, type Scene } from './attack.ts';

/* What a worker writes into tac8's own files, orders, hides and says. */

const NODE = `${process.execPath} --disable-warning=ExperimentalWarning`;
const tac8 = ({ place }: Scene, words: string): string => `${NODE} ${MAIN} -C ${place.root} ${words}`;

/** Tac8 as the person types it, outside. */
const typed = (scene: Scene, words: readonly string[]): Promise<Came> =>
  scene.person([process.execPath, '--disable-warning=ExperimentalWarning', MAIN, '-C', scene.place.root, ...words]);

const yaml = ({ place }: Scene): string => join(place.root, 'tac8.yaml');

/** The settings say something else from now on: what a worker writes counts for nobody, until a person lets it. */
const byReload = (what: string, change: (text: string, scene: Scene) => string): Attack => {
  let before = '';
  return {
    point: 3,
    what,
    before: (scene) => {
      before = readFileSync(yaml(scene), 'utf8');
      writeFileSync(join(scene.folder, 'evil.yaml'), change(before, scene));
      writeFileSync(join(scene.folder, 'only.sh'), `#!/bin/sh\n: >${scene.canary}\n`, { mode: 0o755 });
      writeFileSync(join(scene.folder, 'evil.sh'), `: >${scene.canary}\n. ${scene.place.home}/agent.sh\n`);
    },
    script: (scene) => `mv ${scene.folder}/evil.yaml ${yaml(scene)}; ${tac8(scene, 'reload')}`,
    twin: async (scene) => {
      await typed(scene, ['reload']);
      await scene.done('After a person’s word');
    },
    undo: async (scene) => {
      writeFileSync(yaml(scene), before);
      await typed(scene, ['reload']);
    },
  };
};

const SETTINGS: readonly Attack[] = [
  byReload('agent.env with a secret', (text) => text.replace('env: []', 'env: [A_SECRET]')),
  byReload('another agent.command', (text, { place, folder }) => text.replace(`${place.home}/agent.sh`, `${folder}/evil.sh`)),
  byReload('pulls.verify', (text, { folder }) => `${text}pulls: { verify: ${folder}/only.sh }\n`),
  byReload('worktrees.setup', (text, { folder }) => text.replace('worktrees:\n', `worktrees:\n  setup: ${folder}/only.sh\n`)),
];

/** In its own run's folder it says that another's process is its own; then it is ended. */
const byClaim = (name: string): Attack => ({
  point: 4,
  what: `another’s process in the run’s ${name}`,
  before: ({ person, folder }) => person(['/bin/sh', '-c', `setsid sleep 900 >/dev/null 2>&1 & echo $! >${folder}/victim`]),
  script: ({ folder, notes }) => `victim=$(cat ${folder}/victim)
start=$(cut -d' ' -f22 /proc/$victim/stat)
echo "$victim $start $(cat /proc/sys/kernel/random/boot_id) sweep" >"$TAC8_RUN_DIR/${name}"
echo "$TAC8_RUN_DIR" >${folder}/run; : >${notes}/ready; sleep 900`,
  meanwhile: async ({ place, task }) => {
    await place.tac8('kill', task);
  },
  sounds: async ({ folder, person }) =>
    (await person(['/bin/sh', '-c', `grep -q '^State:.[^Z]' /proc/$(cat ${folder}/victim)/status`])).code !== 0,
  twin: ({ folder, person }) => person(['/bin/sh', '-c', `kill -9 $(cat ${folder}/victim); sleep 0.2`]),
  undo: ({ folder, person }) => person(['/bin/sh', '-c', `kill -9 $(cat ${folder}/victim)`]),
  endsItself: true,
});

/** A reader that does not look at what it reads is at it for longer than this. */
const waits = async (scene: Scene, path: string): Promise<boolean> => (await scene.person(['timeout', '2', 'sha1sum', path])).code === 124;
const log = ({ place, task }: Scene): string => join(place.root, 'logs', `${task}.jsonl`);

const FOLDER: readonly Attack[] = [
  ...['init', 'pid', 'feeder'].map(byClaim),
  {
    point: 4,
    what: 'a named pipe in place of the log',
    script: ({ place, task }) => `for at in ${place.root}/logs/${task}.*jsonl; do rm "$at"; mkfifo "$at"; done`,
    sounds: async (scene) => !(await scene.answers()),
    twin: async ({ person, folder }) =>
      (await person(['/bin/sh', '-c', `mkfifo ${folder}/pipe; timeout 1 cat ${folder}/pipe`])).code === 124,
    endsItself: true,
  },
  {
    point: 4,
    what: 'a log of 300 GB',
    script: ({ place, task }) => `for at in ${place.root}/logs/${task}.*jsonl; do truncate -s 300G "$at"; done`,
    sounds: async (scene) => !(await scene.answers()),
    twin: async (scene) => {
      await scene.person(['truncate', '-s', '300G', join(scene.folder, 'large')]);
      return waits(scene, join(scene.folder, 'large'));
    },
    endsItself: true,
  },
  {
    point: 4,
    what: 'a link to a secret in place of the log',
    before: ({ folder }) => writeFileSync(join(folder, 'secret'), 'canary of the person\n', { mode: 0o644 }),
    script: ({ place, task, folder }) => `for at in ${place.root}/logs/${task}.*jsonl; do rm "$at"; ln -s ${folder}/secret "$at"; done`,
    sounds: async (scene) => (await typed(scene, ['view', scene.task])).out.includes('canary of the person'),
    twin: async (scene) => (await scene.person(['/bin/sh', '-c', `cat ${log(scene)}`])).out.includes('canary of the person'),
    endsItself: true,
  },
  {
    point: 4,
    what: 'a named pipe in place of all in the run’s folder',
    script: ({ notes }) =>
      `cd "$TAC8_RUN_DIR" && for name in pid init exit closed launch stdin feeder note; do rm -rf $name; mkfifo $name; done; cd -; : >${notes}/ready`,
    // Nobody can write that it ended: it is silent until its limit, or until a person ends it.
    meanwhile: async ({ place, task, done }) => {
      await done('While it is silent');
      await place.tac8('kill', task);
    },
    sounds: async (scene) => !(await scene.answers()),
    twin: async ({ person, folder }) =>
      (await person(['/bin/sh', '-c', `mkfifo ${folder}/pipe; timeout 1 cat ${folder}/pipe`])).code === 124,
    endsItself: true,
  },
];

/** Looks back at each step, as a pattern with a star in a star does. */
const LOOKS_BACK = `const [, text] = process.argv; /^(\\s+)*$/.test(text.slice(0, 60) + 'x');`;
const BODIES = [
  ['60,000 blanks', `Fix it.${' '.repeat(60_000)}x`],
  ['8,000 signs of a quotation', `${'>'.repeat(8000)} Fix it.`],
  ['comments within comments', `${'<!-- <!'.repeat(8000)} Fix it.`],
] as const;
const LOOP = BODIES.map(
  ([what, body]): Attack => ({
    point: 5,
    what: `an issue of ${what}`,
    body,
    script: () => ':',
    sounds: async (scene) => !(await scene.answers()),
    twin: async ({ person }) => (await person(['timeout', '2', process.execPath, '-e', LOOKS_BACK, ' '.repeat(60)])).code === 124,
  }),
);

const sleeper = ({ folder }: Scene): string => `canary-that-lives-in-${folder.split('/').at(-1)}`;
const lives = async (scene: Scene): Promise<boolean> =>
  readdirSync('/proc').some((pid) => /^\d+$/.test(pid) && commandOf(pid).includes(sleeper(scene)));

function commandOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // gone
  }
}

const hides = (what: string, how: (name: string) => string): Attack => ({
  point: 6,
  what,
  script: (scene) => how(sleeper(scene)),
  sounds: (scene) => scene.stays(() => lives(scene)),
  twin: (scene) => scene.person(['/bin/sh', '-c', `${how(sleeper(scene))}\nsleep 0.5`]),
  undo: (scene) => {
    for (const pid of readdirSync('/proc'))
      if (/^\d+$/.test(pid) && commandOf(pid).includes(sleeper(scene))) process.kill(Number(pid), 'SIGKILL');
  },
});
const PROCESSES: readonly Attack[] = [
  hides('a child that goes on', (name) => `sh -c 'sleep 900; :' ${name} >/dev/null 2>&1 &`),
  hides('a process that forks twice', (name) => `(setsid sh -c 'sleep 900; :' ${name} >/dev/null 2>&1 &)`),
  hides(
    'a process that takes no signal but one',
    (name) => `(setsid sh -c 'trap "" HUP INT TERM; sleep 900; :' ${name} >/dev/null 2>&1 &)`,
  ),
  hides(
    'a process without its environment, session and name',
    (name) =>
      `(env -i PATH=/usr/bin:/bin setsid sh -c 'printf kworker/0:1 >/proc/self/comm; cd /; sleep 900; :' ${name} >/dev/null 2>&1 &)`,
  ),
  hides(
    'a process in another cgroup, or nowhere else',
    (name) =>
      `(env -i PATH=/usr/bin:/bin setsid sh -c 'for at in /sys/fs/cgroup /sys/fs/cgroup/unified; do echo 0 >$at/cgroup.procs; done 2>/dev/null; sleep 900; :' ${name} >/dev/null 2>&1 &)`,
  ),
];

/** To see which words name a task that is held back. */
const NOBODY = { held: 'gh-0' };

const orders = (what: string, words: (scene: Pick<Scene, 'held'>) => readonly string[], undo?: (scene: Scene) => unknown): Attack => ({
  point: 8,
  what: `it orders: ${what}`,
  holds: words(NOBODY).includes(NOBODY.held),
  script: (scene) => `${tac8(scene, words(scene).map(quoted).join(' '))}; echo "left with $?"`,
  sounds: ({ said }) => /left with 0/.test(said()),
  twin: async (scene) => (await typed(scene, words(scene))).code === 0,
  ...(undo === undefined ? {} : { undo }),
});
const ROW = `const { DatabaseSync } = require('node:sqlite'); new DatabaseSync(process.argv[1]).prepare("INSERT INTO requests (at, verb, task, args) VALUES (?, ?, ?, '{}')").run(Date.now(), process.argv[2], process.argv[3]);`;
const stateOf = async ({ place, held }: Scene): Promise<string> =>
  (await place.status()).tasks.find(({ id }) => id === held)?.state ?? 'gone';

const STEERING: readonly Attack[] = [
  orders('reload', () => ['reload']),
  orders(
    'pause',
    () => ['pause'],
    (scene) => typed(scene, ['resume']),
  ),
  orders('tell', ({ held }) => ['tell', held, 'Hello']),
  orders('add', () => ['add', 'More']),
  orders('cancel', ({ held }) => ['cancel', held]),
  orders('resume', ({ held }) => ['resume', held]),
  ...['resume', 'cancel'].map(
    (verb): Attack => ({
      point: 8,
      what: `it writes into the database: ${verb}`,
      holds: true,
      script: ({ place, held }) => `${NODE} -e ${quoted(ROW)} ${place.root}/.tac8/tac8.db ${verb} ${held} && echo written`,
      sounds: async (scene) => (await stateOf(scene)) !== 'pending',
      twin: async (scene) => {
        await typed(scene, [verb, scene.held]);
        await scene.place.until('the word to count', async () => (await stateOf(scene)) !== 'pending', 60_000);
      },
    }),
  ),
  {
    point: 8,
    what: 'a socket in place of the door',
    script: ({ place, canary, notes }) =>
      `rm -f ${place.root}/.tac8/door.sock; timeout 20 ${NODE} -e ${quoted("const [, at, canary, ready] = process.argv; require('node:net').createServer((c) => c.on('data', () => { require('node:fs').writeFileSync(canary, ''); c.end('{\"ok\":true}\\n'); })).listen(at, () => require('node:fs').writeFileSync(ready, ''));")} ${place.root}/.tac8/door.sock ${canary} ${notes}/ready`,
    meanwhile: async ({ place }) => {
      await place.tac8('reload');
    },
    twin: ({ person, place, canary }) =>
      person([
        'timeout',
        '10',
        process.execPath,
        '-e',
        "const net = require('node:net'), [, at, canary] = process.argv; const s = net.createServer((c) => c.on('data', () => { require('node:fs').writeFileSync(canary, ''); process.exit(0); })).listen(at, () => net.connect(at).write('reload\\n'));",
        `${place.home}/home/squat.sock`,
        canary,
      ]),
  },
];

/** What the forge would take for an order or a mark, where it stands in the words of the pull or in a comment. */
const words = (what: string, text: string, means: RegExp): Attack => ({
  point: 9,
  what: `words of the agent: ${what}`,
  script: ({ notes }) => `printf '%s\\n' ${quoted(text)} >${notes}/last`,
  sounds: ({ leaves }) => means.test(leaves()),
  // As it is, or with the comments in it taken out once.
  twin: () => means.test(text) || means.test(text.replace(/<!--(?:-->)?/g, '')),
});
const WORDS: readonly Attack[] = [
  words('an issue that it closes', 'Done. **Closes** #1 and fixes GH-1', /\*\*Closes\*\* #1\b|fixes GH-1\b/i),
  words('a person whom it calls', 'Done, @wil and _@acme/owners_ look', /@(?:wil|acme\/owners)/),
  words('a comment that two others make', 'Done. <!<!---->-- tac8:hidden --<!-->', /<!--\s*tac8:hidden/),
  words('an order to programs that listen', '/approve', /^\/approve/m),
];

export const TAC8: readonly Attack[] = [...SETTINGS, ...FOLDER, ...LOOP, ...PROCESSES, ...STEERING, ...WORDS];
