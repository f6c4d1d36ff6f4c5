import { type RunId, readBranch, type Task } from '../../../core/model/task.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { mountIn } from '../../../files/remove-folder.ts';
import { oneAtATime } from '../call/one-at-a-time.ts';
import { lookFor } from '../repository/position.ts';
import type { Registered } from '../repository/registry.ts';
import { fromRecord, locate, type Source } from '../repository/source.ts';
import { type SaveParts, samePicture, saveBranch, takePicture } from '../saved/save.ts';
import { listSaved } from '../saved/saved-refs.ts';
import { forgetRecord, putAside, takeAway } from './clear.ts';

/**
 * Removes the task's worktree, never its branch. Refuses (retryable) while it holds anything that neither a branch nor the
 * newest snapshot holds, and (terminal) what could not be read, is locked by a person or has something mounted in it. What is not a worktree is moved aside, not deleted.
 * Nothing there: nothing to do. Only the step that changes git's records holds the repository's mutex.
 */
export async function removeTree(parts: SaveParts, task: Task, run: RunId | null): Promise<void> {
  const { repository, places, log } = parts;
  const path = places.tree(task.id);
  const position = await lookFor(repository, path);
  if (position.kind === 'free') return;
  if (position.kind === 'half-made') {
    if (position.folder !== 'missing') await putAside(parts, task, path, position.folder);
    await forget(parts, task, path, position.record);
    return;
  }
  if (position.kind === 'in-the-way') {
    const source = await locate(repository, path, task);
    if (source !== null) await refuseUnsaved(parts, source, task);
    await putAside(parts, task, path, position.what);
    return;
  }
  const gone = position.kind === 'gone';
  await refuseUnsaved(parts, fromRecord(position.record, gone ? null : path), task);
  if (gone) {
    await forget(parts, task, path, position.record);
    return;
  }
  if (position.record.locked !== null) {
    throw new PortError('terminal', `${path} is locked: ${position.record.locked || 'no reason given'}`, {
      hint: `\`git worktree unlock ${path}\` lets it go.`,
    });
  }
  if (position.kind === 'unlinked') {
    // git does not remove a folder without a `.git` file; its content is saved.
    await putAside(parts, task, path, 'folder');
    await forget(parts, task, path, position.record);
    return;
  }
  await takeAway(parts, task, path);
  await forget(parts, task, path, position.record);
  await parts.kept.forget(fromRecord(position.record, path));
  log.info('worktree removed', { task: task.id, run, path });
}

/** A branch of the task's earlier work, that a person wants no more: saved, then gone. One that somebody has checked out stays. */
export async function dropBranch(parts: SaveParts, task: Task, name: string): Promise<void> {
  const { git, repository, log } = parts;
  const branch = `refs/heads/${name}`;
  const [there, wanted] = [readBranch(name), readBranch(task.branch)];
  if (there === null || wanted === null || there.stem !== wanted.stem || there.nth >= wanted.nth) return;
  const { stdout } = await git(['for-each-ref', '--format=%(worktreepath)', branch], { cwd: repository.root });
  if (stdout.trim() !== '') return log.warn('a branch that is checked out stays', { task: task.id, branch: name, in: stdout.trim() });
  const tip = await saveBranch(parts, task, branch, 'a retry began on a fresh branch');
  if (tip !== null) await git(['update-ref', '-d', branch, tip], { cwd: repository.root });
}

const forget = (parts: SaveParts, task: Task, path: string, record: Registered): Promise<void> =>
  oneAtATime(parts.repository.commonDir, () => forgetRecord(parts, task, path, record));

async function refuseUnsaved(parts: SaveParts, source: Source, task: Task): Promise<void> {
  const where = source.tree ?? parts.places.tree(task.id);
  const mounted = source.tree === null ? null : await mountIn(source.tree);
  if (mounted !== null) {
    throw new PortError('terminal', `${where} is not removed: ${mounted} is mounted there`, {
      hint: `\`umount ${mounted}\` detaches it; its files stay where they come from.`,
    });
  }
  const picture = await takePicture(parts, source);
  if (picture.facts.incomplete !== null) {
    throw new PortError('terminal', `${where} is not removed: not all of it can be read: ${picture.facts.incomplete}`, {
      hint: 'Make the files that git names readable, or move them away.',
    });
  }
  if (!picture.worthKeeping) return;
  const [last] = await listSaved(parts.git, parts.repository, task.id);
  if (last !== undefined && samePicture(last, picture)) return;
  throw new PortError('retryable', `${where} is not removed: it holds work that is not saved`, {
    hint: 'It is saved first, then removed.',
  });
}
