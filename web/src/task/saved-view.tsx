import { useState } from 'preact/hooks';
import { send } from '../act/acting.ts';
import { Dialog } from '../act/dialog.tsx';
import { Ago } from '../ground/ago.tsx';
import { useAsked } from '../ground/asked.ts';
import { bytes, plain, plural } from '../ground/words.ts';
import type { SavedWork } from '../link/contract.ts';

type Saved = SavedWork['saved'][number];
const MOST_PATHS = 5;

/** The snapshots of a task's work; each can be put back. */
export function SavedView({ task, beat }: { readonly task: string; readonly beat: string }) {
  const [again, setAgain] = useState(0);
  const [asked, setAsked] = useState<Saved | null>(null);
  const answer = useAsked<SavedWork>(`tasks/${encodeURIComponent(task)}/saved`, `${beat} ${again}`);
  if (answer === null)
    return (
      <p class="empty" key="looking">
        Looking …
      </p>
    );
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { saved } = answer.value;
  if (saved.length === 0) return <p class="empty">Nothing is saved. Work is saved while a worker runs, and when it ends.</p>;
  const restore = async (one: Saved): Promise<void> => {
    setAsked(null);
    await send(`tasks/${task}/restore`, { ref: one.ref }, `Restore ${one.name}`);
    setAgain((n) => n + 1);
  };
  return (
    <div class="why saved">
      <ul class="rows">
        {saved.map((one) => (
          <li key={one.ref}>
            <div class="saved-head">
              <b class="mono">{plain(one.name)}</b> <Ago at={one.at} after=" ago" />
              <span class="cut">{plain(one.reason)}</span>
              <span class="grow" />
              <button type="button" class="button" onClick={() => setAsked(one)}>
                Put back
              </button>
            </div>
            <p class="cut">
              {one.paths.length === 0 ? 'no changed files' : `${plural(one.paths.length, 'file')}, ${bytes(one.bytes)}: `}
              <span class="mono">{plain(one.paths.slice(0, MOST_PATHS).join(', '))}</span>
              {one.paths.length > MOST_PATHS && ` and ${one.paths.length - MOST_PATHS} more`}
              {one.commits > 0 && ` · ${plural(one.commits, 'commit')} that no branch holds`}
            </p>
            {one.incomplete !== null && <p class="card-problem">Not whole: {plain(one.incomplete)}</p>}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <Dialog title={`Put ${asked.name} back?`} onClose={() => setAsked(null)}>
          <p>It goes into the worktree of {task}. What is there now is saved first.</p>
          <div class="dialog-foot">
            <button type="button" class="button" onClick={() => setAsked(null)}>
              Leave it
            </button>
            <button type="button" class="button" data-kind="main" onClick={() => void restore(asked)}>
              Put back
            </button>
          </div>
        </Dialog>
      )}
    </div>
  );
}
