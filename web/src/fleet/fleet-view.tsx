import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { begin } from '../act/acting.ts';
import { actsFor } from '../act/acts.ts';
import { useKeys } from '../ground/keys.ts';
import { isNarrow } from '../ground/narrow.ts';
import { plain } from '../ground/words.ts';
import type { State } from '../link/contract.ts';
import { go } from '../link/route.ts';
import { grouped } from './groups.ts';
import { Machines } from './machines.tsx';
import { picked } from './picked.ts';
import { Repositories } from './repositories.tsx';
import { watchSizes } from './sizes.ts';
import { TaskRow } from './task-row.tsx';
import { fetched, TasksGroup } from './tasks-group.tsx';
import { Timeline } from './timeline.tsx';

interface Drawn {
  readonly of: readonly [State['tasks'][number], State['notes'], boolean];
  readonly row: JSX.Element;
}

/** Rows as they were last drawn: of a hundred tasks a change tells of a few, and only theirs are looked at. */
function useRows(): (...of: Drawn['of']) => JSX.Element {
  const drawn = useRef(new Map<string, Drawn>());
  return (...of) => {
    const [task, notes, isPicked] = of;
    const known = drawn.current.get(task.id);
    if (known?.of.every((one, n) => one === of[n])) return known.row;
    const row = <TaskRow key={task.id} task={task} notes={notes} picked={isPicked} />;
    drawn.current.set(task.id, { of, row });
    return row;
  };
}

export function FleetView({ state }: { readonly state: State }) {
  const groups = grouped(state);
  const rowOf = useRows();
  const task = [...groups.flatMap(({ tasks }) => tasks), ...[...fetched.value.values()].flat()].find(({ id }) => id === picked.value);
  const move = (by: number): void => {
    const shown = [...document.querySelectorAll<HTMLElement>('[data-task]')];
    const index = shown.findIndex(({ dataset }) => dataset.task === picked.value);
    const next = shown[index === -1 ? 0 : Math.min(Math.max(index + by, 0), shown.length - 1)];
    if (next === undefined) return;
    picked.value = next.dataset.task ?? null;
    // The focus goes along, for who hears the page.
    next.querySelector<HTMLElement>('.title')?.focus();
  };
  useKeys({
    j: () => move(1),
    k: () => move(-1),
    ArrowDown: () => move(1),
    ArrowUp: () => move(-1),
    '/': () => go('#/search'),
    Escape: () => {
      picked.value = null;
    },
    ...(task === undefined ? {} : Object.fromEntries(actsFor(task).map((act) => [act.key, () => begin(act, task)]))),
  });
  useEffect(watchSizes, []);
  const strays = [
    ...state.warnings.filter(({ level, what }) => level === 'note' && what !== 'note').map(({ text }) => ({ task: null, text })),
    ...state.notes.filter(({ task }) => task === null || !state.tasks.some(({ id }) => id === task)),
  ];
  const sections = groups.map((group, index) => (
    <TasksGroup
      key={group.name}
      group={group}
      isFirst={index === 0}
      state={state}
      rowOf={(task) => rowOf(task, state.notes, picked.value === task.id)}
    />
  ));
  // Where there is room for little, who must act comes before the last hours.
  const above = isNarrow.value ? groups.filter(({ isForYou }) => isForYou).length : 0;
  sections.splice(above, 0, <Timeline key="timeline" state={state} />);
  return (
    <>
      <h1 class="hidden">The fleet</h1>
      {state.tasks.length === 0 && <p class="empty">Nothing is queued. Put the label on an issue, or a line under Pending in tasks.md.</p>}
      {sections}
      {strays.length > 0 && (
        <section class="group" aria-label="Notes">
          <h2>Notes</h2>
          <ul class="rows notes">
            {strays.map(({ task, text }) => (
              <li key={`${task} ${text}`}>
                {task !== null && <b>{task} </b>}
                {plain(text)}
              </li>
            ))}
          </ul>
        </section>
      )}
      <Machines machines={state.machines} />
      <Repositories />
    </>
  );
}
