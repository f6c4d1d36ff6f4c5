import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunId, Task } from '../../core/task.ts';
import { ensureTree } from './ensure.ts';
import { kindOf } from './files.ts';
import { copyIncluded } from './include.ts';
import type { Kit } from './kit.ts';
import { mendTree } from './mend.ts';
import { oneAtATime } from './one-at-a-time.ts';
import { readRef } from './repository.ts';
import { saveSource } from './save.ts';
import { runSetup } from './setup.ts';
import { fromRecord } from './source.ts';

/** Snapshots that are taken outside of any run: what an earlier one left behind. */
export const NO_RUN: RunId = 'w-000000';

/** The worktree, on its branch, furnished. The caller sees to it that no process of the task lives. A slow setup holds nobody else up. */
export async function startTree(k: Kit, task: Task, signal: AbortSignal): Promise<{ path: string; baseCommit: string; created: boolean }> {
  const path = k.places.tree(task.id);
  const salvage = async (_: Task, record: Parameters<typeof fromRecord>[0]): Promise<void> => {
    await saveSource(k, fromRecord(record, null), task, NO_RUN, 'the folder of its worktree was gone');
  };
  const { adminDir, created, base, fresh } = await oneAtATime(k.repository.commonDir, () =>
    ensureTree({ ...k, remoteName: k.options.remote, salvage }, task, signal),
  );
  if (!created) await mendTree(k, task, NO_RUN);
  await furnish(k, task, adminDir, signal);
  if (fresh) return { path, baseCommit: base.commit, created };
  const tip = await readRef(k.git, k.repository, `refs/heads/${task.branch}`);
  return { path, baseCommit: await forkPoint(k, tip, base.commit), created };
}

/** Include and setup, once per worktree. The mark is written last: a crash before it runs both again. */
async function furnish(k: Kit, task: Task, adminDir: string, signal: AbortSignal): Promise<void> {
  const { options, places } = k;
  const mark = join(adminDir, 'tac8-ready');
  if ((await kindOf(mark)) !== 'missing') return;
  const tree = places.tree(task.id);
  const copied = await copyIncluded(k.git, k.repository, options.includeFile, tree, [options.dir, '.tac8']);
  if (copied.length > 0) k.log.info('files copied into the worktree', { task: task.id, files: copied });
  if (options.setup !== null) {
    const env = options.setupEnv ?? { PATH: process.env.PATH ?? '', HOME: join(places.state, 'setup', 'home') };
    const log = places.setupLog(task.id);
    await runSetup({ script: options.setup, root: options.root, tree, task: task.id, log, timeoutMs: options.setupTimeoutMs, env }, signal);
  }
  await writeFile(mark, '');
}

/** What the branch started from: the newest commit that it shares with the base. */
async function forkPoint(k: Kit, tip: string | null, base: string): Promise<string> {
  if (tip === null || tip === base) return base;
  const { code, stdout } = await k.git(['merge-base', tip, base], { cwd: k.repository.root, codes: [0, 1] });
  return code === 0 ? stdout.trim() : base;
}
