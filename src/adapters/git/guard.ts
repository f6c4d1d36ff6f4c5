import type { Held } from '../../core/model/failure.ts';
import type { Task } from '../../core/model/task.ts';
import { PortError } from '../../engine/ports/error.ts';
import type { PushGuard } from '../../engine/ports/repository/workspaces.ts';
import type { Kit } from './trees/kit.ts';

const SHOWN = 6_000;
const PATHS = 200;

/**
 * What a push of this commit would bring to the remote and a person has not seen, against the base as the remote told it: refs here are anybody's.
 * Null: nothing.
 */
export async function heldBy(k: Kit, task: Task, commit: string, guard: PushGuard, signal: AbortSignal): Promise<Held | null> {
  if (guard.approved === commit) return null;
  const base = await k.base.told(signal);
  if (base instanceof PortError)
    throw new PortError(base.sort, `what ${task.branch} changes is not known: ${base.message}`, { hint: base.hint, cause: base });
  const call = { cwd: k.repository.root, signal };
  // What was merged in from the base is not of this work.
  const range = `${base}...${commit}`;
  const named = await k.git(['diff', '--name-only', '--no-renames', '-z', range, '--'], call);
  const paths = guard.guarded(named.stdout.split('\0').filter((path) => path !== ''));
  if (paths.length === 0) return null;
  const shown = paths.slice(0, PATHS);
  const diff = await k.git(
    ['--literal-pathspecs', 'diff', '--no-renames', '--no-color', '--no-ext-diff', '--no-textconv', range, '--', ...shown],
    call,
  );
  return { commit, paths: shown, diff: diff.stdout.slice(0, SHOWN).toWellFormed() };
}
