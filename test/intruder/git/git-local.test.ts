import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GitWorld, makeGitWorld, NEVER, pendingTask, RUN } from '../../support/git/git-workspaces.ts';
import { inner, set } from '../../support/git/intruder.ts';

/*
 * A worker writes settings, attributes, hooks and repositories into what it shares with the daemon. Then the daemon makes, saves, shows, puts
 * back and removes worktrees, its own and those of others. Each attack has a canary of its own: a program that must not run. The attacks of a
 * phase lie there at the same time; the twin is plain git in the same place, as a daemon without the safeguard would call it, and hears each of them.
 */

interface Attack {
  readonly what: string;
  readonly prepare: (world: GitWorld, canary: string) => void;
}

const append = (world: GitWorld, path: string, text: string): void => {
  const file = join(world.root, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${existsSync(file) ? readFileSync(file, 'utf8') : ''}${text}`);
};
const hook = (canary: string, folder: string, name: string): void => {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, name), `#!/bin/sh\n${canary} < /dev/null\n`);
  chmodSync(join(folder, name), 0o755);
};
/** Files of this ending go through the filter. */
const attribute = (world: GitWorld, ending: string, text: string): void => append(world, '.git/info/attributes', `*.${ending} ${text}\n`);
const PHASES: readonly (readonly Attack[])[] = [
  [
    { what: 'filter.*.clean by info/attributes', prepare: (w, c) => void [set(w, 'filter.a.clean', c), attribute(w, 'a', 'filter=a')] },
    { what: 'filter.*.smudge by info/attributes', prepare: (w, c) => void [set(w, 'filter.b.smudge', c), attribute(w, 'b', 'filter=b')] },
    { what: 'filter.*.process by info/attributes', prepare: (w, c) => void [set(w, 'filter.c.process', c), attribute(w, 'c', 'filter=c')] },
    { what: 'filter.*.clean by .gitattributes', prepare: (w, c) => set(w, 'filter.tree.clean', c) },
    { what: 'filter.*.clean by core.attributesFile', prepare: byAttributesFile },
    {
      what: 'a required filter',
      prepare: (w, c) => void [set(w, 'filter.d.clean', c), set(w, 'filter.d.required', 'true'), attribute(w, 'd', 'filter=d')],
    },
    { what: 'core.fsmonitor', prepare: (w, c) => set(w, 'core.fsmonitor', c) },
    { what: 'core.hooksPath', prepare: byHooksPath },
    { what: 'diff.*.textconv', prepare: (w, c) => void [set(w, 'diff.t.textconv', c), attribute(w, 'a', 'diff=t')] },
    { what: 'diff.*.command', prepare: (w, c) => void [set(w, 'diff.u.command', c), attribute(w, 'b', 'diff=u')] },
    { what: 'diff.external', prepare: (w, c) => set(w, 'diff.external', c) },
    { what: 'a submodule with a core.fsmonitor', prepare: (w, c) => bySubmodule(w, c, 'sub', 'core.fsmonitor') },
    { what: 'a submodule with a filter', prepare: (w, c) => bySubmodule(w, c, 'sub2', 'filter.z.clean') },
    { what: 'a repository inside with a filter', prepare: (w, c) => inner(w, 'inner', c, 'filter.z.clean') },
  ],
  [
    { what: 'include.path', prepare: (w, c) => byInclude(w, c, 'include.path') },
    { what: 'includeIf gitdir', prepare: (w, c) => byInclude(w, c, `includeIf.gitdir:${w.root}/.path`) },
    { what: 'includeIf onbranch', prepare: (w, c) => byInclude(w, c, 'includeIf.onbranch:**.path') },
    { what: 'config.worktree of the main checkout', prepare: (w, c) => byWorktreeSettings(w, c, '.git/config.worktree', 'e') },
    { what: 'config.worktree of the worktree', prepare: (w, c) => byWorktreeSettings(w, c, '.git/worktrees/gh-1/config.worktree', 'f') },
    { what: 'a post-checkout hook', prepare: (w, c) => hook(c, join(w.root, '.git/hooks'), 'post-checkout') },
    { what: 'a post-index-change hook', prepare: (w, c) => hook(c, join(w.root, '.git/hooks'), 'post-index-change') },
    { what: 'a reference-transaction hook', prepare: (w, c) => hook(c, join(w.root, '.git/hooks'), 'reference-transaction') },
    { what: 'a pre-commit hook', prepare: (w, c) => hook(c, join(w.root, '.git/hooks'), 'pre-commit') },
    { what: 'gpg.program', prepare: (w, c) => void [set(w, 'gpg.program', c), set(w, 'commit.gpgSign', 'true')] },
    { what: 'a lazy fetch with core.sshCommand', prepare: (w, c) => byPromise(w, `ssh://localhost:1/x`, c) },
    { what: 'a repository inside with core.fsmonitor', prepare: (w, c) => inner(w, 'inner2', c, 'core.fsmonitor') },
    { what: 'a repository inside with a process for its filter', prepare: (w, c) => inner(w, 'inner3', c, 'filter.z.process') },
  ],
];

function byAttributesFile(world: GitWorld, canary: string): void {
  const file = join(world.home, 'attributes');
  writeFileSync(file, '*.g filter=g\n');
  set(world, 'core.attributesFile', file);
  set(world, 'filter.g.clean', canary);
}

function byHooksPath(world: GitWorld, canary: string): void {
  for (const name of ['pre-commit', 'post-index-change', 'post-checkout']) hook(canary, join(world.home, 'hooks'), name);
  set(world, 'core.hooksPath', join(world.home, 'hooks'));
}

function bySubmodule(world: GitWorld, canary: string, path: string, key: string): void {
  inner(world, path, canary, key);
  world.git(['add', path], world.tree);
}

function byInclude(world: GitWorld, canary: string, key: string): void {
  const name = key.replaceAll(/[^a-zA-Z]/g, '');
  writeFileSync(join(world.home, name), `[filter "${name}"]\n\tclean = ${canary}\n`);
  world.git(['config', '--add', key, join(world.home, name)], world.root);
  attribute(world, key.includes('gitdir') ? 'b' : key.includes('onbranch') ? 'c' : 'a', `filter=${name}`);
}

function byWorktreeSettings(world: GitWorld, canary: string, file: string, ending: string): void {
  set(world, 'extensions.worktreeConfig', 'true');
  append(world, file, `[filter "${ending}"]\n\tclean = ${canary}\n\tsmudge = ${canary}\n`);
  attribute(world, ending, `filter=${ending}`);
}

function byPromise(world: GitWorld, url: string, canary: string): void {
  set(world, 'core.sshCommand', canary);
  set(world, 'remote.far.url', url);
  set(world, 'remote.far.promisor', 'true');
}

/** Everything that the daemon and a person's commands have git do, on the worktree of the attack, on another task's, on the main checkout. */
async function everything(world: GitWorld): Promise<void> {
  const spaces = world.again({ saveGlobs: ['*.ignored'] });
  const other = pendingTask('gh-2');
  const gone = 'e'.repeat(40);
  await spaces.prepareRepository();
  await spaces.ensure(other, NEVER);
  world.write('late.a', 'late', join(world.root, 'trees/gh-2'));
  const { ref } = await spaces.save(world.task, RUN, 'a test');
  expect(ref).not.toBeNull();
  expect((await spaces.inspect(world.task, gone).catch(() => ({ dirty: true }))).dirty).toBe(true);
  for (const form of ['patch', 'stat', 'files'] as const) {
    const found = await spaces.difference(world.task, { form, startedFrom: null });
    expect(form === 'files' ? found?.files.length : found?.text.length).toBeGreaterThan(0);
  }
  const to = join(world.home, 'out');
  await spaces.restore(world.task, { to });
  expect(readFileSync(join(to, 'x.a'), 'utf8')).toBe('changed');
  rmSync(to, { recursive: true });
  expect(await spaces.commitWip(other, 'Work')).not.toBeNull();
  await spaces.save(other, RUN, 'a test');
  await spaces.mendAfterKill(other, RUN);
  await spaces.mainChanges();
  await spaces.originOf(other.id);
  await spaces.contentOf((await spaces.listSaved(null))[0] ?? expect.fail('nothing saved'));
  await spaces.save(other, RUN, 'the end');
  await spaces.remove(other, RUN);
  expect((await spaces.list()).map(({ task }) => task)).toEqual(['gh-1']);
}

/** The same by plain git. Some of it fails, as the canaries are no good filters. */
function everythingPlainly(world: GitWorld): void {
  const at =
    (cwd: string) =>
    (...args: string[]) =>
      world.tryGit(args, cwd);
  for (const cwd of [world.tree, world.root]) {
    const git = at(cwd);
    if (cwd === world.root) world.write('x.e', 'changed', world.root);
    git('cat-file', '-e', 'd'.repeat(40));
    git('status', '--porcelain');
    git('diff');
    git('diff', '--no-ext-diff');
    git('add', '-A');
    git('commit', '--no-gpg-sign', '-m', 'x');
    git('commit', '--allow-empty', '-m', 'x');
    git('worktree', 'add', '--quiet', '--force', join(world.home, `plain-${cwd.length}`), 'main');
  }
  for (const path of ['inner', 'inner2', 'inner3']) if (existsSync(join(world.tree, path))) at(join(world.tree, path))('diff');
}

describe.each(PHASES.map((attacks, n) => ({ attacks, n })))('phase $n', ({ attacks }) => {
  let world: GitWorld;
  let byUs: string[] = [];
  let plainly: string[] = [];
  const sounded = (): string[] => readdirSync(join(world.home, 'sounded')).sort();

  beforeAll(async () => {
    const endings = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
    const files = Object.fromEntries(endings.map((ending) => [`x.${ending}`, 'first']));
    world = makeGitWorld({ files: { ...files, 'y.tree': 'first', '.gitattributes': '*.tree filter=tree\n' } });
    await world.ensure();
    mkdirSync(join(world.home, 'sounded'));
    for (const [n, { prepare }] of attacks.entries()) {
      const canary = join(world.home, `canary-${n}`);
      writeFileSync(canary, `#!/bin/sh\n: > '${join(world.home, 'sounded', String(n))}'\n[ $# -gt 3 ] || cat\n`);
      chmodSync(canary, 0o755);
      prepare(world, canary);
    }
    for (const ending of [...endings, 'tree']) world.write(`${ending === 'tree' ? 'y' : 'x'}.${ending}`, 'changed', world.tree);
    // What the preparing itself made sound.
    for (const name of sounded()) rmSync(join(world.home, 'sounded', name));
    await everything(world);
    byUs = sounded();
    everythingPlainly(world);
    plainly = sounded();
  }, 180_000);
  afterAll(() => world.remove());

  test.each(attacks.map(({ what }, n) => ({ what, n })))('$what: no program of the intruder runs', ({ n }) => {
    expect(byUs).not.toContain(String(n));
  });
  test.each(attacks.map(({ what }, n) => ({ what, n })))('$what: twin: plain git runs it', ({ n }) => {
    expect(plainly).toContain(String(n));
  });
});
