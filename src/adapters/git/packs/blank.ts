import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createGit } from '../call/git.ts';

/** A repository without a commit, for what other machines will send; one that is there already stays as it is. */
export async function makeBlank(root: string, timeoutMs: number): Promise<void> {
  mkdirSync(root, { recursive: true, mode: 0o700 });
  if (existsSync(join(root, '.git', 'HEAD'))) return;
  const git = createGit({ cwd: root, stateDir: join(root, '.tac8'), timeoutMs: () => timeoutMs });
  await git(['init', '--quiet', '--initial-branch=none', root], { settings: 'own' });
}
