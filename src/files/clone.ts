import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

/** Names a clone for ever: by where it is, and by when it was made. `gitDir`: the folder that all its worktrees share. */
export async function cloneOf(gitDir: string): Promise<string> {
  const { ino, birthtimeNs } = await stat(join(gitDir, 'objects'), { bigint: true });
  return createHash('sha256').update(`${hostname()}\0${gitDir}\0${ino}\0${birthtimeNs}`).digest('hex').slice(0, 20);
}
