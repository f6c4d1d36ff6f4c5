import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readBranch, type Task, type TaskId } from '../../../core/model/task.ts';
import type { Workspaces } from '../../../engine/ports/repository/workspaces.ts';
import { oneAtATime } from '../call/one-at-a-time.ts';
import { lookFor } from '../repository/position.ts';
import { readRef } from '../repository/repository.ts';
import { fromRecord } from '../repository/source.ts';
import { tipOfTask } from '../repository/task-tip.ts';
import { mendTree } from '../saved/mend.ts';
import { saveSource } from '../saved/save.ts';
import { kindOf } from '../view/files.ts';
import { ensureTree } from './ensure.ts';
import { copyIncluded } from './include.ts';
import type { Kit } from './kit.ts';
import { dropBranch, removeTree } from './remove.ts';
import { runSetup } from './setup.ts';

/** The worktree, on its branch, furnished. The caller sees to it that no process of the task lives. A slow setup holds nobody else up. */
export async function startTree(k: Kit, task: Task, signal: AbortSignal): Promise<{ path: string; baseCommit: string; created: boolean }> {
  const path = k.places.tree(task.id);
  const salvage = async (_: Task, record: Parameters<typeof fromRecord>[0]): Promise<void> => {
    await saveSource(k, fromRecord(record, null), task, null, 'the folder of its worktree was gone');
  };
  await leaveEarlier(k, task);
  if (task.drops !== undefined) await dropBranch(k, task, task.drops);
  const { adminDir, created, base, fresh } = await oneAtATime(k.repository.commonDir, () =>
    ensureTree({ ...k, remoteName: k.options.remote, salvage }, task, signal),
  );
  if (!created) await mendTree(k, task, null);
  await furnish(k, task, adminDir, signal);
  if (fresh) return { path, baseCommit: base.commit, created };
  const tip = await readRef(k.git, k.repository, `refs/heads/${task.branch}`);
  return { path, baseCommit: await forkPoint(k, tip, base.commit), created };
}

/** A worktree on an earlier branch of the same task, whose pull is over or which a person wants no more: saved and taken away, so that the work begins at the new base. */
async function leaveEarlier(k: Kit, task: Task): Promise<void> {
  // Most tasks begin with none: that takes no look at the records of all others.
  if ((await kindOf(k.places.tree(task.id))) === 'missing') return;
  const position = await lookFor(k.repository, k.places.tree(task.id));
  if (position.kind !== 'ready') return;
  const there = readBranch(position.record.branch?.replace('refs/heads/', '') ?? '');
  const wanted = readBranch(task.branch);
  if (there === null || wanted === null || there.stem !== wanted.stem || there.nth >= wanted.nth) return;
  await saveSource(k, fromRecord(position.record, position.record.path), task, null, 'the next work begins afresh');
  await removeTree(k, task, null);
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
    const { setup: script, root, jobs, setupNames: names } = options;
    const [env, log, timeoutMs] = [await options.setupEnv(task.id), places.setupLog(task.id), options.setupTimeoutMs()];
    await runSetup({ script, root, tree, task: task.id, log, timeoutMs, env, names }, jobs, signal);
  }
  await writeFile(mark, '');
}

/** The branch that a worktree has checked out, where it is the task's, else its newest; where there is none, the base itself tells. */
export async function originOf(k: Kit, task: TaskId): ReturnType<Workspaces['originOf']> {
  const commit = (await k.base.here()) ?? (await k.base.find()).commit;
  const position = await lookFor(k.repository, k.places.tree(task));
  const there = position.kind === 'ready' ? position.record.branch : null;
  const tip = await tipOfTask(k.git, k.repository, k.options.branchPrefix, task, there);
  return { baseCommit: await forkPoint(k, tip?.commit ?? null, commit), branch: tip?.branch ?? null };
}

/** What the branch started from: the newest commit that it shares with the base. */
async function forkPoint(k: Kit, tip: string | null, base: string): Promise<string> {
  if (tip === null || tip === base) return base;
  const { code, stdout } = await k.git(['merge-base', tip, base], { cwd: k.repository.root, codes: [0, 1] });
  return code === 0 ? stdout.trim() : base;
}
