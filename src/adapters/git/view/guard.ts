import { access, constants, mkdir } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { holdWhole } from '../../../files/write-whole.ts';

/*
 * git starts git: in a repository inside of the worktree, to see whether it has changes. It takes our environment away for that, so that the
 * settings of that repository, which a worker wrote, would count. What git starts is looked up in the folder named by GIT_EXEC_PATH first:
 * there stands a git that goes on with our environment alone.
 */

/** For GIT_EXEC_PATH; null where there is no git on the path. */
export async function makeGuard(folder: string, path: string): Promise<string | null> {
  const git = await findProgram('git', path);
  if (git === null) return null;
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const script = `#!/bin/sh\n[ -n "$GIT_COMMON_DIR" ] || exit 1\nexec '${git.replaceAll("'", "'\\''")}' "$@"\n`;
  await holdWhole(join(folder, 'git'), script, { mode: 0o700 });
  return folder;
}

async function findProgram(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(':').filter(isAbsolute)) {
    const file = join(folder, name);
    if (
      await access(file, constants.X_OK).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return null;
}
