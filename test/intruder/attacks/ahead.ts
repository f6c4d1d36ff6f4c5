import { type Attack, quoted, type Scene } from './attack.ts';

/* What a worker lays where the next task's things will be, and more settings by which plain git starts programs. */

const holds = async (scene: Scene): Promise<boolean> => !(await scene.answers());
/** Who does not expect it is stopped by it. */
const NOWHERE = async ({ place, person }: Scene): Promise<boolean> => (await person(['ls', `${place.root}/.tac8/runs/none`])).code !== 0;

/** For the numbers that come after this one: of its own pull, and of the next task. */
const forNext = (script: string): string =>
  script.includes('$next') ? `for plus in 1 2 3; do next=gh-$(expr "$(echo $TAC8_TASK | tr -dc 0-9)" + $plus); ${script}; done` : script;
const COMMON = '$(git rev-parse --git-common-dir)';

/** The next task's branch, folder and record are taken before it begins. */
const ahead = (what: string, script: (scene: Scene) => string, more: Partial<Attack> = {}): Attack => ({
  point: 4,
  what,
  script: (scene) => forNext(script(scene)),
  sounds: holds,
  twin: NOWHERE,
  ...more,
});

const AHEAD: readonly Attack[] = [
  ahead('a branch below the name of the next one', () => 'git branch auto/$next/x; git update-ref refs/remotes/origin/auto/$next/x HEAD', {
    twin: async ({ person, tree }) =>
      (await person(['git', 'branch', 'auto/gh-900/x'], tree)).code === 0 &&
      (await person(['git', 'branch', 'auto/gh-900'], tree)).code !== 0,
    undo: ({ person, tree }) => person(['git', 'branch', '-D', 'auto/gh-900/x'], tree),
  }),
  ahead(
    'locks on the next branch, and on all',
    () =>
      `mkdir -p ${COMMON}/refs/heads/auto; for at in refs/heads/auto/$next.lock packed-refs.lock config.lock index.lock HEAD.lock; do : >"${COMMON}/$at"; done`,
    {
      twin: async ({ person, place, tree }) => {
        await person(['/bin/sh', '-c', `: >${place.root}/.git/refs/heads/auto/gh-901.lock`]);
        return (await person(['git', 'branch', 'auto/gh-901'], tree)).code !== 0;
      },
      // The next attack writes settings.
      undo: ({ person, place }) => person(['find', `${place.root}/.git`, '-name', '*.lock', '-delete']),
    },
  ),
  ahead(
    'a link to a person’s folder where the next worktree will be',
    ({ place, folder }) => `ln -s ${folder}/mine ${place.root}/trees/$next`,
    {
      before: ({ person, folder }) => person(['/bin/sh', '-c', `mkdir ${folder}/mine; echo mine >${folder}/mine/a.txt`]),
      sounds: async ({ person, folder }) =>
        (await person(['/bin/sh', '-c', `cd ${folder}/mine; ls -A; cat a.txt`])).out !== 'a.txt\nmine\n',
      twin: ({ person, place, folder }) =>
        person(['git', 'worktree', 'add', '--force', '--detach', `${folder}/mine/../mine/tree`, 'main'], place.root),
    },
  ),
  ahead(
    'the folder of all worktrees is a link elsewhere',
    ({ place, folder }) => `mv ${place.root}/trees ${folder}/trees; ln -s ${folder}/trees ${place.root}/trees`,
    { endsItself: true },
  ),
  ahead(
    'a record of the next worktree that leads elsewhere',
    ({ folder }) =>
      `at="${COMMON}/worktrees/$next"; mkdir -p "$at" ${folder}/other; echo ${folder}/other/.git >"$at/gitdir"; echo ../.. >"$at/commondir"; mkfifo "$at/HEAD" "$at/locked"`,
  ),
  ahead('a log of refs that is a pipe', () => `mkdir -p "${COMMON}/logs/refs/heads/auto"; mkfifo "${COMMON}/logs/refs/heads/auto/$next"`),
  ahead(
    'packs with pipes beside them',
    () =>
      `git repack -adq; for at in "${COMMON}"/objects/pack/*.pack; do base=\${at%.pack}; for end in rev bitmap mtimes keep promisor; do rm -f "$base.$end"; mkfifo "$base.$end"; done; done; mkdir -p "${COMMON}/objects/info/commit-graphs"; mkfifo "${COMMON}/objects/info/commit-graphs/commit-graph-chain"`,
  ),
  ahead('a history that is cut short', () => `git rev-parse HEAD~1 >"${COMMON}/shallow"`, {
    twin: async ({ person, tree, place }) => {
      await person(['/bin/sh', '-c', `git rev-parse HEAD~1 >${place.root}/.git/shallow`], tree);
      return (await person(['git', 'rev-list', '--count', 'HEAD'], tree)).out === '2\n';
    },
    undo: ({ person, place }) => person(['rm', '-f', `${place.root}/.git/shallow`]),
  }),
  ahead(
    'everything is of the year 2100',
    ({ place }) =>
      `find ${place.root} -xdev -exec touch -h -d 2100-01-01 {} + 2>/dev/null; GIT_COMMITTER_DATE='@7258118400 +0000' GIT_AUTHOR_DATE='@7258118400 +0000' git -c user.name=x -c user.email=x@x commit -q --allow-empty -m later`,
  ),
  ahead(
    'a board of pipes, folders, links and gigabytes, one after another',
    ({ place }) =>
      `at=${place.root}/tasks.md; mv $at $at.own; mkfifo $at; sleep 2; rm $at; mkdir $at; sleep 2; rmdir $at; ln -s /dev/zero $at; sleep 2; rm $at; truncate -s 30G $at; sleep 2; rm $at; head -c 200000000 /dev/zero | tr '\\0' '\\n' >$at; sleep 2; rm -f $at; mv $at.own $at`,
  ),
  ahead(
    'a board that is written a thousand times',
    ({ place }) =>
      `at=${place.root}/tasks.md; cp $at $at.own; n=0; while [ $n -lt 1500 ]; do echo "- [ ] $n" >$at; cp $at.own $at; n=$((n + 1)); done; rm $at.own`,
  ),
  ahead(
    'settings that are pipes, folders, links and gigabytes, one after another',
    ({ place }) =>
      `at=${place.root}/tac8.yaml; cp $at $at.own; rm $at; mkfifo $at; sleep 2; rm $at; mkdir $at; sleep 2; rmdir $at; ln -s /dev/zero $at; sleep 2; rm $at; truncate -s 30G $at; sleep 2; rm $at; mv $at.own $at`,
  ),
];

const bySettings = (
  what: string,
  settings: (scene: Scene) => Readonly<Record<string, string>>,
  more: (scene: Scene) => string = () => '',
  rest: Partial<Attack> = {},
): Attack => ({
  point: 2,
  what,
  script: (scene) =>
    `${Object.entries(settings(scene))
      .map(([key, value]) => `git config ${quoted(key)} ${quoted(value)}`)
      .join('\n')}\n${more(scene)}`,
  ...rest,
});

const SIGNED = `commit=$(git cat-file commit HEAD | sed '/^committer /a gpgsig -----BEGIN PGP SIGNATURE-----\\n x\\n -----END PGP SIGNATURE-----' | git hash-object -t commit -w --stdin); git update-ref HEAD $commit`;

const MORE_GIT: readonly Attack[] = [
  bySettings(
    'log.showSignature with gpg.program',
    ({ program }) => ({ 'log.showSignature': 'true', 'gpg.program': program }),
    () => SIGNED,
    {
      twin: ({ person, tree }) => person(['git', 'log', '-3'], tree),
    },
  ),
  bySettings(
    'core.alternateRefsCommand',
    ({ program }) => ({ 'core.alternateRefsCommand': program }),
    ({ folder }) => `git init -q --bare ${folder}/lent; echo ${folder}/lent/objects >"${COMMON}/objects/info/alternates"`,
    {
      twin: ({ person, tree }) => person(['git', 'fetch', 'origin'], tree),
      undo: ({ person, place }) => person(['rm', '-f', `${place.root}/.git/objects/info/alternates`]),
    },
  ),
  bySettings(
    'trailer.*.command',
    ({ program }) => ({ 'trailer.x.key': 'X', 'trailer.x.command': program, 'trailer.x.ifexists': 'add', 'trailer.x.ifmissing': 'add' }),
    () => '',
    {
      twin: ({ person, tree }) => person(['/bin/sh', '-c', 'echo a | git interpret-trailers --trailer x=y'], tree),
    },
  ),
];

export const AHEAD_ALL: readonly Attack[] = [...AHEAD, ...MORE_GIT];
