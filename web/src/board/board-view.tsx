import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../ground/keys.ts';
import { Mark } from '../ground/mark.tsx';
import { plain, plural } from '../ground/words.ts';
import type { Board, State } from '../link/contract.ts';
import { BoardText } from './board-text.tsx';
import { type BoardLine, Card } from './card.tsx';
import { change, discard, draft, keepMine, readBoard, retype, said, save, sheet } from './edit.ts';
import { askToAccept, HeldEdit } from './held-edit.tsx';
import { NextLook } from './next-look.tsx';

/** Nobody tells the page that the file was edited by hand. */
const LOOK = 3_000;

const LANES: readonly { readonly section: BoardLine['section']; readonly name: string }[] = [
  { section: 'pending', name: 'Pending' },
  { section: 'active', name: 'Active' },
  { section: 'blocked', name: 'Blocked' },
  { section: 'failed', name: 'Failed' },
  { section: 'completed', name: 'Completed' },
];

/** `tasks.md` as lanes, edited by the rules of the file: what it would do stands beside it before it is saved. */
export function BoardView({ state }: { readonly state: State }) {
  const asText = useSignal(false);
  const picked = useSignal<number | null>(null);
  const title = useRef<HTMLInputElement>(null);
  const target = useSignal<{ readonly line: number } | null>(null);
  const toLine = (line: number): void => {
    asText.value = true;
    target.value = { line };
  };
  useEffect(() => {
    void readBoard();
    const timer = setInterval(() => void readBoard(), LOOK);
    return () => clearInterval(timer);
  }, []);
  const shown: Pick<Board, 'text' | 'lines' | 'sections' | 'problems'> | null = draft.value?.told ?? sheet.value;
  const lines = LANES.flatMap(({ section }) => shown?.lines.filter((one) => one.section === section) ?? []);
  const at = lines.findIndex(({ line }) => line === picked.value);
  const pick = (by: number): void => {
    const next = lines[at === -1 ? 0 : Math.min(Math.max(at + by, 0), lines.length - 1)];
    if (next === undefined) return;
    picked.value = next.line;
    document.querySelector<HTMLElement>(`[data-line="${next.line}"] .card-title`)?.focus();
  };
  const move = async (by: 1 | -1): Promise<void> => {
    const one = lines[at];
    const to = await shift(lines, one, by);
    if (to !== null) picked.value = to;
  };
  const prioritise = (priority: number): void => {
    const one = lines[at];
    if (one?.section === 'pending') void change({ kind: 'priority', line: one.line, priority });
  };
  useKeys({
    j: () => pick(1),
    k: () => pick(-1),
    J: () => void move(1),
    K: () => void move(-1),
    ...Object.fromEntries([0, 1, 2, 3].map((priority) => [String(priority), () => prioritise(priority)])),
    a: () => title.current?.focus(),
    A: () => {
      if (sheet.value?.held != null) askToAccept(sheet.value.held);
    },
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void save();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  if (shown === null) return <p class="empty">{said.value?.text ?? 'Reading tasks.md …'}</p>;
  return (
    <div class="board">
      <div class="board-head">
        <h1>Board</h1>
        <span class="cut">tasks.md</span>
        <span class="grow" />
        <button type="button" class="button" aria-pressed={asText.value} onClick={() => (asText.value = !asText.value)}>
          {asText.value ? 'As lanes' : 'As text'}
        </button>
      </div>
      {sheet.value?.held != null && <HeldEdit held={sheet.value.held} />}
      {shown.problems.length > 0 && (
        <ul class="rows problems" aria-label="What cannot be read">
          {shown.problems.map(({ line, message, hint }) => (
            <li key={`${line} ${message}`}>
              {line === 0 ? (
                <b>tasks.md</b>
              ) : (
                <button type="button" class="more" onClick={() => toLine(line)}>
                  line {line}
                </button>
              )}{' '}
              {plain(message)} <span class="cut">{plain(hint)}</span>
            </li>
          ))}
        </ul>
      )}
      {asText.value ? (
        <BoardText
          text={draft.value?.text ?? shown.text}
          problems={shown.problems}
          target={target.value}
          onText={(text) => void retype(text)}
        />
      ) : (
        <div class="lanes-board">
          {LANES.map(({ section, name }) => {
            const own = lines.filter((one) => one.section === section);
            if (own.length === 0 && !shown.sections.some((one) => one.section === section)) return null;
            return (
              <section class="lane" key={section} aria-label={name} data-section={section}>
                <h2>
                  {name} <span class="count">{own.length}</span>
                </h2>
                <ul>
                  {own.map((one) => (
                    <Card
                      key={one.task ?? `line ${one.line}`}
                      one={one}
                      row={state.tasks.find(({ id }) => id === one.task)}
                      picked={one.line === picked.value}
                      problems={shown.problems.filter(({ line }) => line >= one.line && line < one.line + one.count)}
                      onPick={() => (picked.value = one.line)}
                      onShift={(by) => void shift(lines, one, by)}
                    />
                  ))}
                </ul>
                {section === 'pending' && <Add field={title} />}
              </section>
            );
          })}
        </div>
      )}
      <Pending />
      <NextLook />
    </div>
  );
}

/** Puts a pending task one place down or up; answers the line where it stands then. */
async function shift(lines: readonly BoardLine[], one: BoardLine | undefined, by: 1 | -1): Promise<number | null> {
  if (one?.section !== 'pending') return null;
  const own = lines.filter(({ section }) => section === 'pending');
  const other = own[own.indexOf(one) + by];
  if (other === undefined) return null;
  // One down is the same as the next one up.
  const [line, before] = by === -1 ? [one.line, other.line] : [other.line, one.line];
  await change({ kind: 'move', line, before });
  return by === -1 ? other.line : one.line + other.count;
}

/** What is not saved yet, what it would do, and what came of the last one. */
function Pending() {
  const now = draft.value;
  const told = now?.told ?? null;
  return (
    <>
      {now !== null && (
        <section class="board-draft" aria-label="Not saved">
          <div>
            <b>Not saved.</b>{' '}
            {told === null
              ? 'Asking what it would do …'
              : told.would.length === 0
                ? 'It asks nothing of tac8.'
                : plural(told.would.length, 'change')}
            {told !== null && told.would.length > 0 && (
              <ul>
                {told.would.map((words) => (
                  <li key={words}>{plain(words)}</li>
                ))}
              </ul>
            )}
            {told?.refused != null && (
              <p class="board-said" data-tone="bad">
                {plain(told.refused)}
              </p>
            )}
          </div>
          <div class="acts">
            {told?.merged != null && (
              <button type="button" class="button" onClick={() => void keepMine()}>
                Keep my words there
              </button>
            )}
            <button type="button" class="button" onClick={() => void discard()}>
              Discard
            </button>
            <button
              type="button"
              class="button"
              data-kind="main"
              disabled={told?.refused != null && !told.holds}
              onClick={() => void save()}
            >
              {told?.holds === true ? 'Save, to be held' : 'Save'}
            </button>
          </div>
        </section>
      )}
      <output>
        {said.value !== null && (
          <p class="board-said" data-tone={said.value.tone}>
            <Mark shape={said.value.tone === 'good' ? 'completed' : 'failed'} said={said.value.tone === 'good' ? 'done' : 'refused'} />{' '}
            {plain(said.value.text)}
          </p>
        )}
      </output>
    </>
  );
}

function Add({ field }: { readonly field: { current: HTMLInputElement | null } }) {
  return (
    <form
      class="add"
      onSubmit={(event) => {
        event.preventDefault();
        const title = field.current?.value.trim() ?? '';
        if (title === '' || field.current === null) return;
        field.current.value = '';
        void change({ kind: 'add', title, priority: null });
      }}
    >
      <input ref={field} type="text" aria-label="A new task" placeholder="A new task" maxLength={2000} />
      <button type="submit" class="button">
        Add
      </button>
    </form>
  );
}
