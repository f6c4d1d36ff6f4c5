import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt, Outside } from './attempt.ts';

const inGit =
  (path: (n: number) => string) =>
  (at: Outside, n: number): boolean =>
    existsSync(join(at.root, '.git', path(n)));
const saysEvil =
  (path: string) =>
  (at: Outside, n: number): boolean => {
    const file = join(at.root, '.git', path);
    return existsSync(file) && readFileSync(file, 'utf8').includes(`evil${n}`);
  };
const hasRef = (at: Outside, n: number): boolean =>
  at
    .git('for-each-ref', '--format=%(refname)')
    .split('\n')
    .some((ref) => ref.endsWith(`evil${n}`));
const lostRef = (at: Outside, n: number): boolean => !at.git('for-each-ref', '--format=%(refname)').includes(`refs/heads/keep${n}\n`);
const lostObject = (at: Outside, n: number): boolean => {
  const id = at.git('hash-object', join(at.target(n), 'secret.txt')).trim();
  return !existsSync(join(at.root, '.git/objects', id.slice(0, 2), id.slice(2)));
};

const TABLE: readonly (readonly [string, string, (at: Outside, n: number) => boolean])[] = [
  ['a setting', 'git config "tac8.evil$N" 1', saysEvil('config')],
  ['a setting by hand', 'echo "# evil$N" >>"$G/config"', saysEvil('config')],
  ['a remote', 'git remote add "evil$N" /tmp', saysEvil('config')],
  ['a hook', 'mkdir -p "$G/hooks"; echo x >"$G/hooks/evil$N"', inGit((n) => `hooks/evil${n}`)],
  ['attributes', 'mkdir -p "$G/info"; echo "# evil$N" >>"$G/info/attributes"', saysEvil('info/attributes')],
  ['what is ignored', 'mkdir -p "$G/info"; echo "evil$N" >>"$G/info/exclude"', saysEvil('info/exclude')],
  ['the description', 'echo "evil$N" >>"$G/description"', saysEvil('description')],
  ['a branch', 'git branch "evil$N"', hasRef],
  ['a branch by update-ref', 'git update-ref "refs/heads/evil$N" HEAD', hasRef],
  ['a branch by hand', 'mkdir -p "$G/refs/heads"; git rev-parse HEAD >"$G/refs/heads/evil$N"', hasRef],
  ['a branch by its packed list', 'echo "$(git rev-parse HEAD) refs/heads/evil$N" >>"$G/packed-refs"', hasRef],
  ['a tag', 'git tag "evil$N"', hasRef],
  ['what was fetched', 'git update-ref "refs/remotes/origin/evil$N" HEAD', hasRef],
  ['a replacement', 'git update-ref "refs/replace/evil$N" HEAD', hasRef],
  ['notes', 'git update-ref "refs/notes/evil$N" HEAD', hasRef],
  ['saved work', 'git update-ref "refs/tac8/saved/gh-2/w-000000/evil$N" HEAD', hasRef],
  ['a branch by push to the folder', 'git push -q "$ROOT" "HEAD:refs/heads/evil$N"', hasRef],
  ['a branch by push to git’s folder', 'git push -q "file://$G" "HEAD:refs/heads/evil$N"', hasRef],
  ['a branch of the main checkout', 'git -C "$ROOT" branch "evil$N"', hasRef],
  ['a branch away', 'git branch -qD "keep$N"', lostRef],
  ['a branch away by hand', 'rm -f "$G/refs/heads/keep$N"', lostRef],
  ['a branch away by update-ref', 'git update-ref -d "refs/heads/keep$N"', lostRef],
  ['an object away', 'id=$(cat "$PWD/.attempts/ids/$N"); rm -f "$G/objects/$(echo $id | cut -c1-2)/$(echo $id | cut -c3-)"', lostObject],
  [
    'an object away by its place in the box',
    'id=$(cat "$PWD/.attempts/ids/$N"); cd /run/tac8-git/objects 2>/dev/null || cd "$G/objects"; rm -f "$(echo $id | cut -c1-2)/$(echo $id | cut -c3-)"',
    lostObject,
  ],
  ['an object of another name', 'echo x >"$G/objects/evil$N"', inGit((n) => `objects/evil${n}`)],
  ['a pack', 'mkdir -p "$G/objects/pack"; echo x >"$G/objects/pack/evil$N.pack"', inGit((n) => `objects/pack/evil${n}.pack`)],
  ['a borrowed store', 'mkdir -p "$G/objects/info"; echo "#evil$N" >>"$G/objects/info/alternates"', saysEvil('objects/info/alternates')],
  ['a graph of commits', 'mkdir -p "$G/objects/info"; echo x >"$G/objects/info/evil$N"', inGit((n) => `objects/info/evil${n}`)],
  ['another worktree', 'git worktree add -q "$T/tree" --detach', (at, n) => existsSync(join(at.target(n), 'tree'))],
  ['the record of its worktree', 'echo "evil$N" >>"$G/worktrees/gh-1/description"', saysEvil('worktrees/gh-1/description')],
  ['settings of its worktree', 'echo "# evil$N" >>"$G/worktrees/gh-1/config.worktree"', saysEvil('worktrees/gh-1/config.worktree')],
  [
    'the record of another worktree',
    'mkdir -p "$G/worktrees/gh-2"; echo x >"$G/worktrees/gh-2/evil$N"',
    inGit((n) => `worktrees/gh-2/evil${n}`),
  ],
  ['the link of its worktree', 'echo "" >>.git', (at) => readFileSync(join(at.root, 'trees/gh-1/.git'), 'utf8').endsWith('\n\n')],
  [
    'a file in the main checkout',
    'git --work-tree="$ROOT" checkout -q HEAD -- . ; echo x >"$ROOT/evil$N"',
    (at, n) => readdirSync(at.root).includes(`evil${n}`),
  ],
  ['a submodule’s repository', 'mkdir -p "$G/modules/evil$N"', inGit((n) => `modules/evil${n}`)],
  ['the list of shallow commits', 'echo "evil$N" >>"$G/info/evil"', saysEvil('info/evil')],
];

export const GIT: readonly Attempt[] = TABLE.map(([name, script, does]) => ({ kind: 'git', name, script, sign: { does } }));
