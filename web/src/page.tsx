import { useSignalEffect } from '@preact/signals';
import { useEffect, useLayoutEffect, useState } from 'preact/hooks';
import { AskFirst } from './act/ask-first.tsx';
import { Help, isHelpOpen } from './act/help.tsx';
import { Outcomes } from './act/outcomes.tsx';
import { isPaletteOpen, Palette } from './act/palette.tsx';
import { BoardView } from './board/board-view.tsx';
import type { ChartsView } from './charts/charts-view.tsx';
import { FleetView } from './fleet/fleet-view.tsx';
import { waitingForYou } from './fleet/groups.ts';
import { Top } from './fleet/top.tsx';
import { isTyping, useKeys } from './ground/keys.ts';
import type { State } from './link/contract.ts';
import { fleet, isLocked, isStale, lost, returns } from './link/fleet.ts';
import { go, type Route, route } from './link/route.ts';
import { SearchView } from './search/search-view.tsx';
import { SetupView } from './setup/setup-view.tsx';
import { TaskView } from './task/task-view.tsx';

export function Page() {
  const state = fleet.value;
  const { view, task, query } = route.value;
  useSignalEffect(() => {
    const told = fleet.value;
    const waiting = told === null ? 0 : waitingForYou(told);
    const name = route.value.task ?? told?.root.split('/').at(-1) ?? '';
    document.title = [waiting > 0 ? `(${waiting})` : '', name, name === '' ? 'tac8' : '· tac8'].filter((part) => part !== '').join(' ');
  });
  useKeys({
    '?': () => {
      isHelpOpen.value = true;
    },
    ':': openPalette,
    // From every view, also one that has no keys of its own; what a view does with it comes first.
    Escape: () => view !== 'fleet' && go('#/'),
  });
  useEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      // Out of a field first: the next one goes back.
      if (event.key === 'Escape' && !event.defaultPrevented && isTyping(event)) (event.target as HTMLElement).blur();
      if (event.key !== 'k' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      openPalette();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
  useLayoutEffect(() => comeTo(), [view, task]);
  return (
    <div class="page" data-stale={isStale.value} data-view={view}>
      <button type="button" class="button skip" onClick={() => document.getElementById('main')?.focus()}>
        To the tasks
      </button>
      <Top state={state} brief={view === 'task'} />
      <main id="main" tabIndex={-1}>
        {isLocked.value && <Locked />}
        {state !== null && view === 'task' && task !== null && <TaskView key={task} id={task} query={query} state={state} />}
        {state !== null && view === 'charts' && <Later state={state} query={query} />}
        {state !== null && view === 'board' && <BoardView state={state} />}
        {state !== null && view === 'setup' && <SetupView />}
        {state !== null && view === 'search' && <SearchView query={query} />}
        {state !== null && view === 'fleet' && <FleetView state={state} />}
      </main>
      <Outcomes />
      <AskFirst />
      {isPaletteOpen.value && state !== null && <Palette state={state} />}
      {isHelpOpen.value && <Help />}
    </div>
  );
}

/** How far down the reader was in each view, by its address. */
const places = new Map<string, number>();

/** A view begins at its top; who comes back to one is where they were. Answers what notes where they leave it. */
function comeTo(): () => void {
  const here = location.hash;
  scrollTo(0, places.get(here) ?? 0);
  const note = (): void => void places.set(here, scrollY);
  addEventListener('scroll', note, { passive: true });
  return () => removeEventListener('scroll', note);
}

/** Drawing charts takes as much script as all the rest: it is loaded when they are first looked at. */
function Later({ state, query }: { readonly state: State; readonly query: Route['query'] }) {
  const [view, setView] = useState<{ readonly Charts: typeof ChartsView } | 'away' | null>(null);
  // Again where the daemon was away, and is back.
  useEffect(() => {
    if (view !== null && view !== 'away') return;
    import('./charts/charts-view.tsx').then(
      ({ ChartsView: Charts }) => setView({ Charts }),
      () => setView('away'),
    );
  }, [returns.value]);
  if (view === 'away')
    return <p class="empty">{lost.value === null ? 'The charts cannot be loaded: load this page anew.' : 'the daemon does not answer'}</p>;
  return view === null ? null : <view.Charts state={state} query={query} />;
}

function openPalette(): void {
  isPaletteOpen.value = true;
}

function Locked() {
  return (
    <section class="empty locked">
      <h1>This browser is not let in</h1>
      <p>
        Type <code>tac8 page</code> in the repository and open the link that it prints. It works once, for 15 minutes.
      </p>
    </section>
  );
}
