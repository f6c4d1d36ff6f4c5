import { iso } from '../api/iso.ts';
import type { Diff, SavedWork } from '../api/work.ts';
import type { Difference, GitWorkspaces } from '../compose/premises.ts';
import type { Ms } from '../core/model/seen.ts';
import { bearerOf, type TaskId, unknownTask } from '../core/model/task.ts';
import type { Store } from '../engine/ports/records/store.ts';

/** Where the work of tasks is looked for. */
export interface WorkAt {
  readonly store: Store;
  readonly workspaces: Pick<GitWorkspaces, 'difference' | 'listSaved' | 'contentOf'>;
  readonly branchPrefix: string;
  readonly now: () => Ms;
}

/** More than a person reads, and what a browser still holds. */
const MOST_PATCH = 2_000_000;
const MOST_SAVED = 50;
const MOST_PATHS = 200;

/** What a task has changed, its patch whole or of one file, or the files alone. Null: there is no work of it. */
export async function diffOf(
  { store, workspaces, branchPrefix, now }: WorkAt,
  asked: TaskId,
  { file, isWhole }: { readonly file: string | null; readonly isWhole: boolean },
): Promise<Diff | null> {
  const id = bearerOf(asked, store.task(asked));
  const task = store.task(id) ?? unknownTask(id, branchPrefix);
  const startedFrom =
    store.runsOf(id).flatMap((run) => ('baseCommit' in run && run.baseCommit !== null ? [run.baseCommit] : []))[0] ?? null;
  const at = now();
  const found = await workspaces.difference(task, { form: 'files', startedFrom });
  if (found === null) return null;
  const all = isWhole ? await workspaces.difference(task, { form: 'patch', startedFrom }) : null;
  const whole = Buffer.from(all?.text ?? '', 'latin1').toString('utf8');
  const patch = file === null ? whole : partOf(whole, file);
  return {
    at: iso(at),
    task: id,
    from: fromOf(found),
    base: found.base,
    files: found.files,
    patch: patch.slice(0, MOST_PATCH),
    cut: patch.length > MOST_PATCH,
    inside: found.inside,
  };
}

function fromOf({ from }: Difference): Diff['from'] {
  if (from.kind === 'worktree') return { kind: from.kind, name: from.path, at: null };
  if (from.kind === 'branch') return { kind: from.kind, name: from.branch, at: null };
  return { kind: from.kind, name: from.ref, at: iso(from.at) };
}

/** What a patch says of one file; empty: nothing. One whose type has changed stands there twice, as gone and as new. */
function partOf(patch: string, file: string): string {
  const begins = [...patch.matchAll(/^diff --git /gm)].map(({ index }) => index);
  const parts = begins.map((from, n) => patch.slice(from, begins[n + 1]));
  const [one, other] = [quoted(`a/${file}`), quoted(`b/${file}`)];
  return parts.filter((part) => part.startsWith(`diff --git ${one} ${other}\n`)).join('');
}

const ESCAPES: Readonly<Record<number, string>> = { 7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r', 34: '"', 92: '\\' };

/** As git writes a name: one with control characters, quotes or backslashes in quotes. */
function quoted(name: string): string {
  const written = [...name].map((sign) => {
    const code = sign.codePointAt(0) ?? 0;
    const short = ESCAPES[code];
    if (short !== undefined) return `\\${short}`;
    return code < 32 || code === 127 ? `\\${code.toString(8).padStart(3, '0')}` : sign;
  });
  const text = written.join('');
  return text === name ? name : `"${text}"`;
}

/** The newest snapshots of a task. */
export async function savedOf({ store, workspaces, now }: WorkAt, asked: TaskId): Promise<SavedWork> {
  const at = now();
  const id = bearerOf(asked, store.task(asked));
  const saved: SavedWork['saved'][number][] = [];
  for (const one of (await workspaces.listSaved(id)).slice(0, MOST_SAVED)) {
    const { paths, bytes, commits } = await workspaces.contentOf(one);
    const { ref, commit, run, reason, head: _, incomplete, n } = one;
    saved.push({
      ref,
      name: `${run}/${n}`,
      commit,
      at: iso(one.at),
      run,
      reason,
      incomplete,
      paths: paths.slice(0, MOST_PATHS),
      bytes,
      commits,
    });
  }
  return { at: iso(at), task: id, saved };
}
