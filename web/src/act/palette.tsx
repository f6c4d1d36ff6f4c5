import { signal } from '@preact/signals';
import { useEffect, useRef, useState } from 'preact/hooks';
import { picked } from '../fleet/picked.ts';
import { plain } from '../ground/words.ts';
import type { State } from '../link/contract.ts';
import { go, route, taskAddress } from '../link/route.ts';
import { begin, send } from './acting.ts';
import { actsFor } from './acts.ts';
import { Dialog } from './dialog.tsx';
import { isHelpOpen } from './help.tsx';
import { canNotify, isTelling, setTelling } from './notices.ts';

export const isPaletteOpen = signal(false);

interface Command {
  readonly name: string;
  readonly act: () => void;
}

const MOST = 50;

function commandsOf(state: State): readonly Command[] {
  const here = state.tasks.find(({ id }) => id === (route.value.task ?? picked.value));
  return [
    ...(here === undefined ? [] : actsFor(here).map((act) => ({ name: `${act.name} ${here.id}`, act: () => begin(act, here) }))),
    ...state.tasks.map(({ id, title }) => ({ name: `Open ${id}: ${plain(title)}`, act: () => go(taskAddress(id)) })),
    { name: 'The fleet', act: () => go('#/') },
    { name: 'Charts: runs, cost, durations by day', act: () => go('#/charts') },
    { name: 'The board: tasks.md, to read and edit', act: () => go('#/board') },
    ...(state.held_edit === null
      ? []
      : [{ name: 'The held edit of tasks.md: accept it, or put the board back', act: () => go('#/board') }]),
    { name: 'Setup: what doctor finds, and the settings in force', act: () => go('#/setup') },
    { name: 'Search in everything that agents said and did', act: () => go('#/search') },
    state.paused_at === null
      ? { name: 'Pause all: start nothing new', act: () => void send('pause', {}, 'Pause') }
      : { name: 'Resume: start again', act: () => void send('resume', {}, 'Resume') },
    ...(canNotify
      ? [
          {
            name: isTelling.value ? 'Tell me nothing more' : 'Tell me when a task needs me (notifications of the browser)',
            act: () => void setTelling(!isTelling.value),
          },
        ]
      : []),
    ...(here === undefined
      ? []
      : [0, 1, 2, 3].map((priority) => ({
          name: `Priority ${priority} for ${here.id}`,
          act: () => void send(`tasks/${here.id}/priority`, { priority }, `Priority ${priority} for ${here.id}`),
        }))),
    {
      name: 'Keys',
      act: () => {
        isHelpOpen.value = true;
      },
    },
    ...state.tasks
      .filter(({ id }) => id !== here?.id)
      .flatMap((task) =>
        actsFor(task).map((act) => ({ name: `${act.name} ${task.id}: ${plain(task.title)}`, act: () => begin(act, task) })),
      ),
  ];
}

/** Everything that can be done, by typing a part of its name. */
export function Palette({ state }: { readonly state: State }) {
  const [text, setText] = useState('');
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const parts = text.toLowerCase().split(/\s+/);
  const found = commandsOf(state)
    .filter(({ name }) => parts.every((part) => name.toLowerCase().includes(part)))
    .slice(0, MOST);
  const index = Math.min(at, Math.max(0, found.length - 1));
  useEffect(() => list.current?.children[index]?.scrollIntoView({ block: 'nearest' }), [index]);
  const close = (): void => {
    isPaletteOpen.value = false;
  };
  const choose = (command: Command | undefined): void => {
    if (command === undefined) return;
    close();
    command.act();
  };
  return (
    <Dialog title="Commands" onClose={close}>
      <input
        class="palette-field"
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="palette"
        aria-activedescendant={found.length > 0 ? `palette-${index}` : undefined}
        aria-label="Command"
        placeholder="Open, stop, retry …"
        value={text}
        onInput={({ currentTarget }) => {
          setText(currentTarget.value);
          setAt(0);
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') setAt(Math.min(index + 1, found.length - 1));
          else if (event.key === 'ArrowUp') setAt(Math.max(index - 1, 0));
          else if (event.key === 'Enter') choose(found[index]);
          else return;
          event.preventDefault();
        }}
      />
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: the pattern of a combobox, as ARIA's authors have it */}
      <ul class="palette" id="palette" role="listbox" aria-label="Commands" ref={list}>
        {found.map((command, n) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the field above has the keys
          // biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: as above
          // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the option
          <li key={command.name} id={`palette-${n}`} role="option" aria-selected={n === index} onClick={() => choose(command)}>
            {command.name}
          </li>
        ))}
      </ul>
      {found.length === 0 && <p class="cut">Nothing has this name.</p>}
    </Dialog>
  );
}
