import { spawnSync } from 'node:child_process';
import { chmodSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER, pendingTask, RUN } from '../support/git/git-workspaces.ts';

/*
 * A worker without a sandbox writes what git can read into the folder that all tasks share: settings, lists of ignored files, locks, other folders. The
 * next task goes from a whole worktree to a pushed branch that holds what its worker made, with plain git as its worker.
 */

const config = (...pairs: readonly (readonly [string, string])[]): string =>
  pairs.map(([key, value]) => `git config --file .git/config ${key} ${value}`).join('; ');
const format = (extension: string, value: string): string =>
  config(['core.repositoryformatversion', '1'], [`extensions.${extension}`, value]);

const ROWS: Readonly<Record<string, string>> = {
  nothing: 'true',
  'core.sparseCheckout': `${config(['core.sparseCheckout', 'true'])}; mkdir -p .git/info; echo /nothing >.git/info/sparse-checkout`,
  'core.sparseCheckout with cones': `${config(['core.sparseCheckout', 'true'], ['core.sparseCheckoutCone', 'true'])}; mkdir -p .git/info; printf '/*\\n!/*/\\n' >.git/info/sparse-checkout`,
  'a sparse main checkout': 'git sparse-checkout set --no-cone /README.md',
  'a sparse index': 'git sparse-checkout set --cone --sparse-index src; git config index.sparse true',
  'config.worktree makes it sparse': `${config(['extensions.worktreeConfig', 'true'])}; git config --file .git/config.worktree core.sparseCheckout true; mkdir -p .git/info; echo /nothing >.git/info/sparse-checkout`,
  'config.worktree makes it bare': `${config(['extensions.worktreeConfig', 'true'])}; git config --file .git/config.worktree core.bare true`,
  'core.bare': config(['core.bare', 'true']),
  'core.worktree': config(['core.worktree', '/nowhere']),
  'core.worktree elsewhere': config(['core.worktree', '/tmp']),
  'core.autocrlf = true': config(['core.autocrlf', 'true']),
  'core.autocrlf = input': config(['core.autocrlf', 'input']),
  'core.eol': config(['core.eol', 'crlf'], ['core.autocrlf', 'true']),
  'core.safecrlf': config(['core.safecrlf', 'true'], ['core.autocrlf', 'true']),
  'core.fileMode': config(['core.fileMode', 'false']),
  'core.symlinks': config(['core.symlinks', 'false']),
  'core.ignoreCase': config(['core.ignoreCase', 'true']),
  'core.precomposeUnicode': config(['core.precomposeUnicode', 'true']),
  'core.protectHFS, core.protectNTFS': config(['core.protectHFS', 'true'], ['core.protectNTFS', 'true']),
  'core.sharedRepository': config(['core.sharedRepository', '0600']),
  'core.logAllRefUpdates': config(['core.logAllRefUpdates', 'false']),
  'core.checkStat, core.trustctime': config(['core.checkStat', 'minimal'], ['core.trustctime', 'false']),
  'core.splitIndex': config(['core.splitIndex', 'true'], ['splitIndex.maxPercentChange', '0']),
  'core.untrackedCache': config(['core.untrackedCache', 'true']),
  'feature.manyFiles': config(['feature.manyFiles', 'true']),
  'feature.experimental': config(['feature.experimental', 'true']),
  'index.version': config(['index.version', '4'], ['index.skipHash', 'true']),
  'core.bigFileThreshold': config(['core.bigFileThreshold', '1']),
  'core.excludesFile': `echo '*' >.git/all; ${config(['core.excludesFile', '"$PWD/.git/all"'])}`,
  'gc.auto': config(['gc.auto', '1'], ['gc.pruneExpire', 'now']),
  'pack limits': config(['pack.packSizeLimit', '1'], ['core.packedGitLimit', '1'], ['pack.threads', '1000']),
  'status and diff': config(['status.showUntrackedFiles', 'no'], ['diff.noprefix', 'true'], ['diff.renames', 'copies']),
  'commit.gpgSign': config(['commit.gpgSign', 'false'], ['push.gpgSign', 'true'], ['tag.gpgSign', 'true']),
  'push and fetch': config(
    ['push.default', 'nothing'],
    ['remote.origin.fetch', '+refs/heads/none:refs/heads/main'],
    ['remote.origin.push', ':refs/heads/main'],
    ['remote.origin.mirror', 'true'],
    ['fetch.prune', 'true'],
    ['push.followTags', 'true'],
  ),
  transfer: config(
    ['transfer.hideRefs', 'refs'],
    ['receive.denyCurrentBranch', 'refuse'],
    ['transfer.fsckObjects', 'true'],
    ['protocol.allow', 'never'],
    ['protocol.version', '0'],
  ),
  'worktree settings': config(
    ['worktree.guessRemote', 'true'],
    ['checkout.defaultRemote', 'none'],
    ['branch.autoSetupMerge', 'always'],
    ['worktree.useRelativePaths', 'true'],
  ),
  'another author': config(['user.name', 'Mallory'], ['user.email', 'm@example.com']),
  'repositoryformatversion = 99': config(['core.repositoryformatversion', '99']),
  'an extension that nobody knows': format('evil', 'true'),
  'extensions.objectFormat': format('objectFormat', 'sha256'),
  'extensions.refStorage': format('refStorage', 'reftable'),
  'extensions.partialClone': format('partialClone', 'origin'),
  'extensions.preciousObjects': format('preciousObjects', 'true'),
  'extensions.relativeWorktrees': format('relativeWorktrees', 'true'),
  'extensions.compatObjectFormat': format('compatObjectFormat', 'sha256'),
  'an include that is a pipe': "printf '[include]\n\tpath = piped\n' >>.git/config; rm -f .git/piped; mkfifo .git/piped",
  'an include of garbage': "printf '[include]\n\tpath = odd\n' >>.git/config; echo '[[[' >.git/odd",
  'an include of itself': config(['include.path', 'config']),
  'a setting that git refuses': config(['core.abbrev', 'often'], ['core.compression', '99'], ['pack.window', 'x'], ['color.ui', 'loud']),
  'info/exclude hides all': "echo '*' >>.git/info/exclude",
  'info/attributes': "mkdir -p .git/info; printf '* text eol=crlf\\n*.txt export-ignore\\n* filter=none\\n' >.git/info/attributes",
  'commondir beside HEAD': 'echo /tmp >.git/commondir',
  'commondir that is a pipe': 'mkfifo .git/commondir',
  'gitdir and locked beside HEAD': 'echo /tmp >.git/gitdir; echo why >.git/locked',
  locks:
    'for at in HEAD index config packed-refs shallow refs/heads/main refs/remotes/origin/main gc.pid objects/info/alternates objects/info/commit-graph; do mkdir -p "$(dirname ".git/$at")"; : >".git/$at.lock"; done; echo "1 here" >.git/gc.pid',
  'locks below refs of tac8': 'mkdir -p .git/refs/tac8/saved/NEXT; for at in $(find .git/refs -type d); do : >"$at.lock"; done',
  'objects for nobody': 'chmod 000 .git/objects',
  'objects that nobody can add to': 'chmod -R a-w .git/objects',
  'the folder of git for nobody to write':
    'chmod a-w .git .git/refs .git/refs/heads .git/refs/heads/auto .git/worktrees .git/logs 2>/dev/null; true',
  'HEAD of the main checkout elsewhere': 'echo "ref: refs/heads/none" >.git/HEAD',
  'HEAD of the main checkout on the next branch': 'echo "ref: refs/heads/auto/NEXT" >.git/HEAD',
  'HEAD of the main checkout is a commit that is not there': `printf '%040d\\n' 1 >.git/HEAD`,
  'all records of worktrees':
    'for at in .git/worktrees/*/; do echo /nowhere/.git >"$at/gitdir"; echo why >"$at/locked"; echo ../../.. >"$at/commondir"; done',
  'a record on the next branch':
    'mkdir -p .git/worktrees/mine elsewhere; echo "ref: refs/heads/auto/NEXT" >.git/worktrees/mine/HEAD; echo ../.. >.git/worktrees/mine/commondir; echo "$PWD/elsewhere/.git" >.git/worktrees/mine/gitdir; echo "gitdir: $PWD/.git/worktrees/mine" >elsewhere/.git',
  'branches below the names of ours':
    'git update-ref refs/heads/auto/NEXT/x main; git update-ref refs/remotes/origin/auto/NEXT/x main; git pack-refs --all; git update-ref refs/heads/auto/NEXT/y/z main',
  'a ref below the base’s': 'git update-ref -d refs/remotes/origin/main; git update-ref refs/remotes/origin/main/x main',
  'the base moved':
    'git update-ref refs/remotes/origin/main "$(git commit-tree -m mine "$(git mktree </dev/null)")"; git update-ref refs/heads/main refs/remotes/origin/main',
  'symbolic refs to each other':
    'git symbolic-ref refs/remotes/origin/main refs/remotes/origin/other; git symbolic-ref refs/remotes/origin/other refs/remotes/origin/main',
  'the base is a name for the next branch': 'git symbolic-ref refs/heads/main refs/heads/auto/NEXT',
  'a replacement of the base': 'git replace -f "$(git rev-parse main)" "$(git commit-tree -m mine "$(git mktree </dev/null)")"',
  grafts: 'mkdir -p .git/info; git rev-parse main >.git/info/grafts',
  shallow: 'git rev-parse main >.git/shallow',
};

/** What cannot be undone for its worker, or is a person's to undo: the sentence that is said. */
const ENDS: Readonly<Record<string, RegExp>> = {
  // Of the worker’s own git; the rest of its work is saved, and its end says so.
  'info/exclude hides all': /^left out: M\ta\.txt; saved: A\.TXT, new-link, new\.sh, new\.txt$/,
  'core.excludesFile': /^left out: M\ta\.txt; saved: A\.TXT, new-link, new\.sh, new\.txt$/,
  // The same of other settings: the git of workers reads the shared ones themselves.
  'core.safecrlf': /^the worker’s git: fatal: LF would be replaced/,
  'core.fileMode': /^other kinds/,
  'core.ignoreCase': /^left out: .*; saved: A\.TXT/,
  'info/attributes': /^left out: .*M\tcrlf\.txt/,
  'HEAD of the main checkout on the next branch': /^the branch auto\/gh-\d is checked out in /,
  'a record on the next branch': /^the branch auto\/gh-\d is checked out in /,
  'the base is a name for the next branch': /'auto\/gh-\d' is already checked out at /,
};

/** A start is a person’s word: then these count. */
const COUNTS_AFTER_A_START = /sparse|exclude|attributes|core.ignore|core.fileMode|core\.(?:eol|autocrlf = true|safecrlf|symlinks)/i;

const BASE: Readonly<Record<string, string>> = {
  'a.txt': 'a\n',
  'crlf.txt': 'a\r\nb\r\n',
  'src/deep/b.txt': 'b\n',
  binary: '\0\r\n\0',
  'ü.txt': 'ü\n',
};

function furnish(world: GitWorld): void {
  for (const [path, text] of Object.entries(BASE)) world.write(path, text);
  world.write('run.sh', '#!/bin/sh\n');
  chmodSync(join(world.root, 'run.sh'), 0o755);
  symlinkSync('a.txt', join(world.root, 'link'));
  world.git(['add', '-A']);
  world.git(['commit', '--quiet', '-m', 'Files']);
  world.git(['push', '--quiet', 'origin', 'main']);
}

/** As a worker that is no git of tac8's; null: it went. */
function attack({ root }: GitWorld, script: string): string | null {
  const env = {
    ...{ PATH: process.env.PATH ?? '', HOME: '/nowhere', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' },
    ...Object.fromEntries(
      ['AUTHOR', 'COMMITTER'].flatMap((who) => [
        [`GIT_${who}_NAME`, 'x'],
        [`GIT_${who}_EMAIL`, 'x@x'],
      ]),
    ),
  };
  const { status, stderr } = spawnSync('/bin/sh', ['-ec', script], { cwd: root, env, encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? null : `${status}: ${stderr}`;
}

async function goThrough(world: GitWorld, number: number, spaces = world.spaces): Promise<string | null> {
  const task = pendingTask(`gh-${number}`);
  try {
    const { path, baseCommit } = await spaces.ensure(task, NEVER);
    for (const [name, text] of Object.entries(BASE))
      if (readFileSync(join(path, name), 'utf8') !== text) return `${name} is another in the worktree`;
    writeFileSync(join(path, 'a.txt'), 'a\nchanged\n');
    writeFileSync(join(path, 'new.txt'), 'new\n');
    writeFileSync(join(path, 'A.TXT'), 'another\n');
    writeFileSync(join(path, 'new.sh'), '#!/bin/sh\n', { mode: 0o755 });
    symlinkSync('new.txt', join(path, 'new-link'));
    const failed = [
      ['add', '-A'],
      ['commit', '--quiet', '-m', 'Work'],
    ]
      .map((args) => world.tryGit(args, path, 8_000))
      .find(({ code }) => code !== 0);
    const { commits, dirty } = (await spaces.inspect(task, baseCommit)) as { commits: number; dirty?: unknown };
    if (failed !== undefined) return `the worker’s git: ${failed.err.trim()} [${commits} ${JSON.stringify(dirty)}]`;
    if (commits !== 1) return `${commits} commits`;
    const { commit } = await spaces.push(task, NEVER);
    await spaces.save(task, RUN, 'the end');
    const [saved] = await spaces.listSaved(task.id);
    await spaces.remove(task, RUN);
    const there = (...args: string[]): string => world.git(['--git-dir', world.remote ?? '', ...args]);
    if (there('rev-parse', task.branch) !== commit) return 'another commit arrived';
    const files = there('-c', 'core.quotePath=false', 'diff-tree', '-r', '--no-renames', '--name-status', 'main', commit);
    const wanted = 'A\tA.TXT\nM\ta.txt\nA\tnew-link\nA\tnew.sh\nA\tnew.txt';
    if (files !== wanted) {
      const kept = saved === undefined ? '' : world.git(['ls-tree', '-r', '--name-only', saved.commit]);
      const more = kept.split('\n').filter((name) => /^(?:new|A\.TXT)/.test(name));
      return `left out: ${files.replaceAll('\n', ', ')}; saved: ${more.join(', ')}`;
    }
    const kinds = there('ls-tree', commit, 'new.sh', 'new-link').replaceAll(/ .*$/gm, '');
    return kinds === '120000\n100755' ? null : `other kinds: ${kinds}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** TAC8_SETTINGS takes the rows whose names match it, `.` all. With all tests a part of them runs. */
const CHOSEN = process.env.TAC8_SETTINGS === undefined ? null : new RegExp(process.env.TAC8_SETTINGS);
const ALWAYS =
  /^(?:core\.sparseCheckout|config\.worktree makes|core\.eol|repositoryformat|an extension|extensions\.objectFormat|an include that|a setting that|info\/|commondir beside|locks$|branches below|a ref below)/;
const CHOSEN_ROWS = Object.entries(ROWS).filter(([name], n) => CHOSEN?.test(name) ?? (n % 10 === 0 || ALWAYS.test(name)));

test.each(CHOSEN_ROWS)('%s', { timeout: 60_000 }, async (name, script) => {
  const world = makeGitWorld(
    { remote: true },
    { gitTimeoutMs: () => 8_000, saveTimeoutMs: () => 8_000, fetchFreshMs: 0, keepsSettings: true },
  );
  try {
    furnish(world);
    await world.ensure();
    await world.spaces.list();
    expect(attack(world, script.replaceAll('NEXT', 'gh-2'))).toBe(null);
    const running = await goThrough(world, 2);
    attack(world, script.replaceAll('NEXT', 'gh-3'));
    const restarted = await goThrough(world, 3, world.again());
    const meant = ENDS[name];
    for (const came of COUNTS_AFTER_A_START.test(name) ? [running] : [running, restarted])
      if (meant === undefined) expect({ running, restarted, came }).toEqual({ running, restarted, came: null });
      else expect(came).toMatch(meant);
  } finally {
    spawnSync('chmod', ['-R', 'u+rwX', world.home]);
    world.remove();
  }
});

test('a person’s own sparse checkout counts as it stood, whatever a worker makes of it', { timeout: 60_000 }, async () => {
  for (const perWorktree of [false, true]) {
    const world = makeGitWorld({ remote: true }, { gitTimeoutMs: () => 8_000, fetchFreshMs: 0, keepsSettings: true });
    try {
      furnish(world);
      world.git(['sparse-checkout', 'set', '--no-cone', '/README.md', '/a.txt']);
      if (!perWorktree) {
        // As older versions of git write it.
        world.git(['config', '--file', '.git/config', 'core.sparseCheckout', 'true']);
        world.git(['config', '--file', '.git/config', '--unset', 'extensions.worktreeConfig']);
      }
      await world.ensure();
      expect([perWorktree, readdirSync(world.tree).sort()]).toEqual([perWorktree, ['.git', 'README.md', 'a.txt']]);
      expect(
        attack(world, `echo /nothing >.git/info/sparse-checkout; rm -f .git/config.worktree; ${config(['core.sparseCheckout', 'false'])}`),
      ).toBe(null);
      const { path } = await world.spaces.ensure(pendingTask('gh-2'), NEVER);
      expect([perWorktree, readdirSync(path).sort()]).toEqual([perWorktree, ['.git', 'README.md', 'a.txt']]);
      expect(world.tryGit(['status', '--porcelain'], path)).toMatchObject({ code: 0, out: '' });
    } finally {
      world.remove();
    }
  }
});
