import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createPrivateGit, type PrivateGit } from '../../../src/adapters/git/private/private.ts';
import { enterBox } from '../../../src/adapters/process/box/foreground.ts';
import { readInBox } from '../../../src/adapters/process/box/reading.ts';
import { boxOf } from '../../../src/adapters/sandbox/box-of.ts';
import type { GitRepoOptions } from './git-repo.ts';
import { type GitWorld, makeGitWorld } from './git-workspaces.ts';

export interface BoxedGit extends GitWorld {
  readonly boxes: PrivateGit;
  /** A script of a worker, in the real box of the task; what it says, and its exit code. `anew`: as the first of a run. */
  inside(script: string, anew?: boolean): Promise<{ readonly said: string; readonly code: number | null }>;
}

/** A repository whose task has a worker in a box. */
export function makeBoxedGit(options: GitRepoOptions = {}): BoxedGit {
  const { world, boxes } = withBoxes(options);
  return {
    ...world,
    boxes,
    async inside(script, anew = false) {
      const { root, tree, home } = world;
      const git = await boxes.open('gh-1', tree, !anew);
      const worker = join(home, 'worker');
      const what = { root, gitDir: join(root, '.git'), git, worktree: tree, home: worker, personHome: home };
      const box = boxOf({
        system: null,
        ...{ ...what, path: '/usr/bin:/bin', programs: ['sh'], profile: { read: [], write: [], nested: false } },
        ...{ certificates: [], toolchains: [], caches: [], egress: null },
      });
      mkdirSync(box.scratch, { recursive: true });
      mkdirSync(join(root, '.tac8'), { recursive: true });
      const shown = { ...box, read: box.read.filter((path) => !path.endsWith('gitconfig')) };
      const named = Object.fromEntries(
        ['AUTHOR', 'COMMITTER'].flatMap((who) => [`GIT_${who}_NAME`, `GIT_${who}_EMAIL`].map((key) => [key, 'w'])),
      );
      const env = { PATH: '/usr/bin:/bin', HOME: worker, ...named };
      const entrance = enterBox(join(root, '.tac8/runs/w-b0b0b0'), { argv: ['/bin/sh', '-c', script], env, cwd: tree, box: shown });
      const [file, ...args] = entrance.argv;
      const ended = spawnSync(file, args, { env, stdio: ['ignore', 'pipe', 'pipe', ...entrance.files], encoding: 'utf8' });
      entrance.close();
      return { said: ended.stdout + ended.stderr, code: ended.status };
    },
  };
}

function withBoxes(options: GitRepoOptions): { readonly world: GitWorld; readonly boxes: PrivateGit } {
  let boxes: PrivateGit | null = null;
  // The repository's place is known once it is made.
  const late: PrivateGit = {
    open: (...given) => made().open(...given),
    take: (...given) => made().take(...given),
    follow: (...given) => made().follow(...given),
    drop: (...given) => made().drop(...given),
  };
  const world = makeGitWorld(options, { boxes: late });
  const note =
    (level: string) =>
    (message: string, fields: Readonly<Record<string, unknown>> = {}) =>
      void world.logged.push({ level, message, fields });
  const log = { debug: note('debug'), info: note('info'), warn: note('warn'), error: note('error') };
  const made = (): PrivateGit => {
    boxes ??= createPrivateGit({
      ...{ root: world.root, dir: 'trees', branchPrefix: 'auto/', gitTimeoutMs: () => 15_000, read: readInBox, log: () => log },
    });
    return boxes;
  };
  return { world, boxes: late };
}
