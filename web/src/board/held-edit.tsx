import { signal } from '@preact/signals';
import { send } from '../act/acting.ts';
import { Dialog } from '../act/dialog.tsx';
import { Sentence } from '../ground/sentence.tsx';
import { plain, plural } from '../ground/words.ts';
import type { Board } from '../link/contract.ts';
import { readBoard } from './edit.ts';

type Held = NonNullable<Board['held']>;

/** The held edit that somebody wants accepted, and is asked about first; null: none. */
const accepting = signal<Held | null>(null);

/** Asks whether it is meant: what it takes away may be at work. */
export function askToAccept(held: Held): void {
  if (held.acceptable) accepting.value = held;
}

async function answer(path: 'accept' | 'restore', { token }: Held, what: string): Promise<void> {
  await send(`board/${path}`, { token }, what);
  await readBoard();
}

/** An edit of `tasks.md` that looks like an accident: why it is held, what it would do, and a person's word on it. */
export function HeldEdit({ held }: { readonly held: Held }) {
  const { message, hint, acceptable } = held;
  return (
    <section class="held-edit" aria-labelledby="held-edit">
      <h2 id="held-edit">An edit of tasks.md is held</h2>
      <p>
        <b>Why:</b> {plain(message)}. It looks like an accident: tac8 takes nothing of it in and writes nothing into the file until somebody
        says what is meant.
      </p>
      {acceptable ? (
        <Would held={held} />
      ) : (
        <p>
          <Sentence text={hint} />
        </p>
      )}
      <div class="acts">
        {acceptable && (
          <button type="button" class="button" data-kind="danger" onClick={() => askToAccept(held)}>
            Accept it <kbd>A</kbd>
          </button>
        )}
        <button type="button" class="button" onClick={() => void answer('restore', held, 'Put the board back')}>
          Put the board back
        </button>
        <span class="cut">The edit is kept as a copy then.</span>
      </div>
      <Accept />
    </section>
  );
}

function Would({ held: { would } }: { readonly held: Held }) {
  if (would.length === 0) return <p>Accepted, it asks nothing of tac8.</p>;
  return (
    <details open={would.length <= FEW}>
      <summary>Accepted, it asks for {plural(would.length, 'change')}</summary>
      <ul>
        {would.map((words) => (
          <li key={words} dir="auto">
            {plain(words)}
          </li>
        ))}
      </ul>
    </details>
  );
}

const FEW = 8;

function Accept() {
  const held = accepting.value;
  if (held === null) return null;
  const close = (): void => {
    accepting.value = null;
  };
  return (
    <Dialog title="Accept the edit of tasks.md?" onClose={close}>
      <p>
        {held.would.length === 0 ? 'It asks nothing of tac8.' : `It asks for ${plural(held.would.length, 'change')}.`} It is held since it
        looks like an accident: {plain(held.message)}.
      </p>
      <p class="cut">
        The file is taken as it is. What it cancels or takes out of the queue is given up; a worker at work on it ends, its work is saved.
      </p>
      <div class="dialog-foot">
        <button type="button" class="button" onClick={close}>
          Leave it
        </button>
        <button
          type="button"
          class="button"
          data-kind="danger"
          onClick={() => {
            close();
            void answer('accept', held, 'Accept the edit');
          }}
        >
          Accept
        </button>
      </div>
    </Dialog>
  );
}
