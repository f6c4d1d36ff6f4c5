import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { amount } from '../ground/words.ts';
import type { State, TaskPage, TaskRow } from '../link/contract.ts';
import { countOf, type Group, type Rest } from './groups.ts';

/** Of a queue that is longer the beginning stands there, until somebody wants the rest: what is below it is not far away. */
const FOLDED = 25;
const AT_ONCE = 50;

/** Tasks that the fleet's answer leaves out and somebody wanted to see, by the state that they were asked for. */
export const fetched = signal<ReadonlyMap<string, readonly TaskRow[]>>(new Map());

/** How much more of each group somebody wanted to see: it stays so while they read a task. */
const unfolded = signal<ReadonlyMap<string, number>>(new Map());

const WORDS: Readonly<Record<Rest['state'], string>> = {
  ...{ failed: 'older', review: 'older', pending: 'more', completed: 'done before' },
  ...{ active: 'more', blocked: 'more' },
};

interface Props {
  readonly group: Group;
  readonly isFirst: boolean;
  readonly state: State;
  readonly rowOf: (task: TaskRow) => JSX.Element;
}

/** The tasks of one heading, and as many of those that are left out as somebody wants to see. */
export function TasksGroup({ group, isFirst, state, rowOf }: Props) {
  const { name, hint, tasks, rest, isQueue } = group;
  const asked = unfolded.value.get(name) ?? 0;
  const isLong = isQueue && tasks.length > FOLDED;
  const isFolded = isLong && asked === 0;
  const pages = isLong ? Math.max(0, asked - 1) : asked;
  const hidden = (isFolded ? tasks.length - FOLDED : 0) + (rest === null ? 0 : rest.left - pages * AT_ONCE);
  const next = isFolded ? tasks.length - FOLDED : AT_ONCE;
  return (
    <section class="group" aria-label={name}>
      <h2 title={hint}>
        {name} <span class="count">{countOf(group)}</span>
      </h2>
      {isFirst && <Columns />}
      {(tasks.length > 0 || pages > 0) && (
        <ul class="rows">
          {(isFolded ? tasks.slice(0, FOLDED) : tasks).map(rowOf)}
          {rest !== null &&
            Array.from({ length: pages }, (_, n) => <RestPage key={`rest ${n}`} rest={rest} nth={n} state={state} rowOf={rowOf} />)}
        </ul>
      )}
      {hidden > 0 && (
        <button type="button" class="more rest-more" onClick={() => (unfolded.value = new Map(unfolded.peek()).set(name, asked + 1))}>
          Show {hidden > next ? `${amount(next)} of ` : ''}
          {amount(hidden)} {rest === null ? 'more' : WORDS[rest.state]}
        </button>
      )}
    </section>
  );
}

function Columns() {
  return (
    <div class="columns" aria-hidden="true">
      <span />
      <span>Task</span>
      <span class="right">Silent</span>
      <span class="right">Age</span>
      <span class="right">Try</span>
      <span class="right">Memory</span>
      <span class="right">Cost</span>
      <span class="right">Changes</span>
      <span class="pull">Pull</span>
    </div>
  );
}

interface PageProps extends Pick<Props, 'state' | 'rowOf'> {
  readonly rest: Rest;
  readonly nth: number;
}

/** What was told of such pages last: it stands there until it is told anew, so that who comes back finds all of it in its place. */
const told = new Map<string, readonly TaskRow[]>();

function RestPage({ rest: { state: wanted, shown }, nth, state, rowOf }: PageProps) {
  const { counts } = state;
  const after = shown + nth * AT_ONCE;
  const path = `tasks?state=${wanted}&limit=${AT_ONCE}&after=${after}`;
  // Asked again when any of them may have become another.
  const answer = useAsked<TaskPage>(path, `${counts[wanted]} ${counts.active}`);
  if (answer?.ok === true) told.set(path, answer.value.tasks);
  const isOpen = answer === null || (!answer.ok && answer.status === null);
  const page = answer?.ok === true ? answer.value.tasks : isOpen ? (told.get(path) ?? null) : null;
  const known = new Set(state.tasks.map(({ id }) => id));
  const tasks = page === null ? [] : page.filter(({ id, group }) => group !== null && !known.has(id));
  const key = `${wanted} ${nth}`;
  useEffect(() => {
    fetched.value = new Map(fetched.peek()).set(key, tasks);
    return () => {
      const rest = new Map(fetched.peek());
      rest.delete(key);
      fetched.value = rest;
    };
  }, [page, key]);
  if (page !== null) return <>{tasks.map(rowOf)}</>;
  return <li class="rest">{answer?.ok === false ? answer.why : 'Looking …'}</li>;
}
