import { join } from 'node:path';
import type { Attack, Scene } from './attack.ts';

/*
 * What git can read in the folder that all tasks share, and what tac8 keeps beside the worktrees: a worker writes there, moves away, or fills with names.
 * The task of somebody else has a whole worktree, and what it made is delivered whole.
 */

const holds = async (scene: Scene): Promise<boolean> => !(await scene.answers());

/** What the forge was given of the newest task is not what its worker made, upon all that there was. */
const isAnother = async ({ place }: Scene): Promise<boolean> => {
  const newest = Math.max(...place.fake.state.issues.filter(({ pull }) => pull === null).map(({ number }) => number));
  const { code, out } = place.repo.tryGit(['--git-dir', place.fake.bare, 'ls-tree', '-r', `auto/gh-${newest}`]);
  const files = out.replaceAll(/^(\d+) \w+ (\w{7})\w+\t/gm, '$1 ');
  return code !== 0 || files !== '100644 README.md\n100644 a.txt\n100644 done.txt';
};

const set = (...settings: readonly string[]): string => settings.map((one) => `git config ${one}`).join('; ');
const FEW = 'mkdir -p "$root/.git/info"; echo /nothing >"$root/.git/info/sparse-checkout"';

/** Plain git makes another worktree of it, or none. `look`: fails where one is whole. */
const byGit = (what: string, script: string, look: string, more: Partial<Attack> = {}): Attack => ({
  point: 2,
  what,
  script: ({ place }) => `root=${place.root}\n${script}`,
  sounds: isAnother,
  twin: async ({ person, folder, place }) => {
    const made = `root=${place.root}; cd $root; ${script}; git worktree add -q --detach ${folder}/made main; cd ${folder}/made; ${look}`;
    const { code } = await person(['/bin/sh', '-c', made]);
    await person(['git', 'worktree', 'remove', '--force', `${folder}/made`], place.root);
    return code === 0;
  },
  ...more,
});
const isWanting = '! [ -e README.md ]';

export const SHARED: readonly Attack[] = [
  byGit('a sparse checkout by core.sparseCheckout', `${set('core.sparseCheckout true')}; ${FEW}`, isWanting),
  byGit(
    'a sparse checkout by config.worktree',
    `${set('extensions.worktreeConfig true')}; git config --file "$root/.git/config.worktree" core.sparseCheckout true; ${FEW}`,
    isWanting,
  ),
  byGit('line ends by core.autocrlf', set('core.autocrlf true', 'core.eol crlf'), `grep -q "$(printf '\\r')" README.md`),
  byGit('core.bare and core.worktree', set('core.bare true', 'core.worktree /nowhere'), '! git -C "$root" status'),
  byGit('a format of the repository that nobody knows', set('core.repositoryformatversion 99'), '! git status'),
  byGit('a folder that all refs are looked for in', 'echo /nowhere >"$root/.git/commondir"', '! git -C "$root" rev-parse main', {
    undo: ({ person, place }) => person(['rm', '-f', `${place.root}/.git/commondir`]),
  }),
  byGit(
    'attributes that turn every file round',
    'mkdir -p "$root/.git/info"; echo "* text eol=crlf" >"$root/.git/info/attributes"',
    `grep -q "$(printf '\\r')" README.md`,
  ),
];

/** Who does not expect it is stopped by it. */
const NOWHERE = async ({ place, person }: Scene): Promise<boolean> => (await person(['ls', `${place.root}/.tac8/runs/none`])).code !== 0;

const around = (what: string, script: (scene: Scene) => string, more: Partial<Attack> = {}): Attack => ({
  ...{ point: 4, what, sounds: holds, twin: NOWHERE, endsItself: true },
  script: (scene) => `root=${scene.place.root}\n${script(scene)}`,
  ...more,
});

const SECRET = 'canary of the person';
/** What stands under the name, one after another; each for as long as it is met. */
const odd = (at: string, folder: string, pause = 2): string =>
  [
    `mkfifo ${at}`,
    `rm -rf ${at}; mkdir ${at}; echo x >${at}/x`,
    `rm -rf ${at}; ln -s ${folder}/secret ${at}`,
    `rm -rf ${at}; ln -s /dev/zero ${at}`,
    `rm -rf ${at}; ln -s ${at} ${at}`,
    `rm -rf ${at}; truncate -s 30G ${at}`,
    `rm -rf ${at}; head -c 1000000000 /dev/zero | tr '\\0' a >${at}`,
    `rm -rf ${at}`,
  ]
    .map((one) => `${one}; sleep ${pause}`)
    .join('\n');
const writesSecret: NonNullable<Attack['before']> = ({ person, folder }) => person(['/bin/sh', '-c', `echo ${SECRET} >${folder}/secret`]);

/** Who follows a link reads what it leads to. */
const follows: NonNullable<Attack['twin']> = async ({ person, folder }) =>
  (await person(['/bin/sh', '-c', `ln -s ${folder}/secret ${folder}/link; cat ${folder}/link`])).out.includes(SECRET);

/** Of commands that tell of a task, and at the forge. */
const tells = async (scene: Scene): Promise<boolean> => {
  const said = await Promise.all(
    [['status'], ['why', scene.task], ['view', scene.task], ['history', scene.task]].map((words) => scene.place.tac8(...words)),
  );
  return scene.leaves().includes(SECRET) || said.some(({ out, err }) => `${out}${err}`.includes(SECRET)) || (await holds(scene));
};
const fill = (at: string): string =>
  `mkdir -p ${at}; cd ${at}; seq -f name-%g 20000 | xargs touch; seq -f gh-9%g.jsonl 2000 | xargs touch; cd - >/dev/null`;
const emptied = (at: (scene: Scene) => string): Partial<Attack> => ({
  undo: (scene) =>
    scene.person([
      '/bin/sh',
      '-c',
      `cd ${at(scene)} && find . -maxdepth 1 \\( -name 'name-*' -o -name 'gh-9*' \\) -print0 | xargs -0 rm -rf`,
    ]),
});

export const AROUND: readonly Attack[] = [
  around('.tac8 moved away and back', () => 'mv $root/.tac8 $root/gone; sleep 5; mv $root/gone $root/.tac8', {
    endsItself: false,
    sounds: async (scene) => (await scene.place.status()).daemon === null || (await holds(scene)),
  }),
  around('a STOP of its own of every kind', ({ folder }) => odd('STOP', folder), { before: writesSecret, twin: follows, sounds: tells }),
  around('a STOP of the fleet of every kind', ({ folder }) => odd('$root/STOP', folder), {
    before: writesSecret,
    twin: follows,
    sounds: tells,
  }),
  around('a BLOCKED.md that leads to a secret', ({ folder }) => `ln -s ${folder}/secret BLOCKED.md`, {
    before: writesSecret,
    twin: follows,
    sounds: tells,
  }),
  around(
    'a board that leads to a person’s file',
    ({ folder }) =>
      `mv $root/tasks.md $root/tasks.own; ln -s ${folder}/secret $root/tasks.md; sleep 5; rm -f $root/tasks.md; mv $root/tasks.own $root/tasks.md`,
    {
      before: writesSecret,
      twin: follows,
      sounds: async (scene) => (await scene.person(['cat', `${scene.folder}/secret`])).out !== `${SECRET}\n` || (await tells(scene)),
    },
  ),
  around(
    'settings that lead to a person’s file',
    ({ folder }) =>
      `mv $root/tac8.yaml $root/yaml.own; ln -s ${folder}/secret $root/tac8.yaml; sleep 5; rm -f $root/tac8.yaml; mv $root/yaml.own $root/tac8.yaml`,
    {
      before: writesSecret,
      twin: follows,
      sounds: async (scene) => (await scene.person(['cat', `${scene.folder}/secret`])).out !== `${SECRET}\n` || (await tells(scene)),
    },
  ),
  around('a template of every kind', ({ folder }) => odd('$root/worker_template.md', folder), {
    before: writesSecret,
    twin: follows,
    sounds: tells,
  }),
  ...(['logs', 'trees', '.tac8/runs', '.tac8', 'adws'] as const).map((at) =>
    around(
      `20,000 names in ${at}`,
      () => fill(`$root/${at}`),
      emptied(({ place }) => join(place.root, at)),
    ),
  ),
  around('20,000 names in its run’s folder', () => fill('"$TAC8_RUN_DIR"')),
  around(
    '5,000 names among git’s refs',
    () => 'for n in $(seq 5000); do echo "create refs/heads/name-$n HEAD"; done | git update-ref --stdin',
    {
      undo: ({ person, place }) =>
        person(['/bin/sh', '-c', 'git for-each-ref --format="delete %(refname)" "refs/heads/name-*" | git update-ref --stdin'], place.root),
    },
  ),
];
