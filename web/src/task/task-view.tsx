import { type Signal, useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import { ActButtons } from '../act/buttons.tsx';
import { saidOf, shapeOf, toneOf } from '../fleet/groups.ts';
import { PullLink } from '../fleet/task-row.tsx';
import { useAsked } from '../ground/asked.ts';
import { useKeys } from '../ground/keys.ts';
import { Mark } from '../ground/mark.tsx';
import { Sentence } from '../ground/sentence.tsx';
import { cost, hasCost, plain } from '../ground/words.ts';
import type { State, TaskDetail, TaskRow } from '../link/contract.ts';
import { go, type Route, taskAddress } from '../link/route.ts';
import { Changes } from './changes.tsx';
import { Evidence } from './evidence.tsx';
import { openTranscript } from './read/transcript.ts';
import { TranscriptView } from './read/transcript-view.tsx';
import { RunsView } from './runs-view.tsx';
import { SavedView } from './saved-view.tsx';
import { WhyView } from './why-view.tsx';

const TABS = [
  ['transcript', 'Transcript'],
  ['changes', 'Changes'],
  ['why', 'Why'],
  ['runs', 'Runs'],
  ['saved', 'Saved'],
] as const;

export function TaskView({ id, query, state }: { readonly id: string; readonly query: Route['query']; readonly state: State }) {
  const shown = state.tasks.find((one) => one.id === id);
  // Of several attempts the chosen one's is read.
  const race = shown?.race ?? null;
  const reader = race?.winner ?? id;
  const read = reader === id ? shown : state.tasks.find((one) => one.id === reader);
  const tab = query.get('tab') ?? 'transcript';
  const at = query.get('at');
  const sought = query.get('find') ?? '';
  const following = useFollowing(at, sought);
  const run = useRunShown(query.get('run'), read?.run ?? null, at === null && following.value);
  useKeys(Object.fromEntries(TABS.map(([name], index) => [String(index + 1), () => go(taskAddress(id, tabQuery(name)))])));
  // What happened to it: asked again when any of this is another.
  const beat = beatOf(shown);
  return (
    <div class="task">
      {shown === undefined ? <Elsewhere id={id} beat={beat} state={state} /> : <Head task={shown} state={state} />}
      <nav class="tabs" aria-label="Views of the task">
        {TABS.map(([name, title]) => (
          <a key={name} href={taskAddress(id, tabQuery(name))} aria-current={tab === name ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      {tab === 'changes' ? (
        <Changes task={id} beat={`${beat} ${shown?.run?.turns ?? ''}`} />
      ) : tab === 'why' ? (
        <WhyView task={id} beat={beat} />
      ) : tab === 'saved' ? (
        <SavedView task={id} beat={beat} />
      ) : tab === 'runs' || (race !== null && race.winner === null) ? (
        <RunsView task={id} race={race} beat={`${beat} ${racersOf(shown, state).map(beatOf).join(' ')}`} />
      ) : (
        <Read
          key={`${reader} ${run ?? ''} ${at ?? ''} ${sought}`}
          id={reader}
          run={run}
          at={at}
          sought={sought}
          task={read}
          following={following}
        />
      )}
    </div>
  );
}

const beatOf = (task: TaskRow | undefined): string => [task?.state, task?.run?.id, task?.run?.state, task?.attempts].join(' ');

const racersOf = (task: TaskRow | undefined, { tasks }: State): readonly TaskRow[] =>
  tasks.filter(({ id }) => task?.race?.racers.includes(id) === true);

/** Whether the reader is kept at the end: where the address names no step, until they go up. */
function useFollowing(at: string | null, sought: string): Signal<boolean> {
  const following = useSignal(at === null);
  const place = `${at ?? ''} ${sought}`;
  const before = useRef(place);
  if (before.current !== place) {
    before.current = place;
    following.value = at === null;
  }
  return following;
}

/** Whose log is read: the run that the address names, else the newest. Who reads on in an earlier one is not taken from it by the next. */
function useRunShown(named: string | null, newest: TaskRow['run'], follows: boolean): string | null {
  const held = useRef<string | null>(null);
  const hasBegun = newest !== null && newest.state !== 'preparing' && newest.state !== 'starting';
  if (held.current === null || (hasBegun && follows)) held.current = newest?.id ?? null;
  return named ?? held.current;
}

const tabQuery = (name: string): Readonly<Record<string, string>> => (name === 'transcript' ? {} : { tab: name });

function Read({
  id,
  run,
  at,
  sought,
  task,
  following,
}: {
  readonly id: string;
  readonly run: string | null;
  readonly at: string | null;
  readonly sought: string;
  readonly task: TaskRow | undefined;
  readonly following: Signal<boolean>;
}) {
  const transcript = useMemo(() => openTranscript(id, run), [id, run]);
  const live = task?.run?.pid != null && (run === null || run === task.run.id);
  const place = at !== null && /^\d+\.\d+$/.test(at) ? at : null;
  return (
    <TranscriptView
      transcript={transcript}
      run={run}
      at={place}
      sought={sought}
      live={live}
      following={following}
      beat={`${task?.run?.last_event_at} ${task?.run?.state}`}
    />
  );
}

/** A task that the fleet does not show any more. */
function Elsewhere({ id, beat, state }: { readonly id: string; readonly beat: string; readonly state: State }) {
  const answer = useAsked<TaskDetail>(`tasks/${encodeURIComponent(id)}`, beat);
  if (answer === null) return <h1 class="task-head">{id}</h1>;
  if (!answer.ok)
    return (
      <div class="task-head">
        <h1>{plain(id)}</h1>
        <p class="said">{answer.why}</p>
      </div>
    );
  return <Head task={answer.value} state={state} />;
}

/** The attempts that are made at it side by side, each a task of its own. */
function Race({ race: { racers, winner, why }, tasks }: { readonly race: NonNullable<TaskRow['race']>; readonly tasks: State['tasks'] }) {
  return (
    <p class="task-facts">
      <span>side by side:</span>
      {racers.map((id) => {
        const racer = tasks.find((one) => one.id === id);
        return (
          <span key={id} class="racer">
            {racer !== undefined && <Mark shape={shapeOf(racer)} />}
            <a href={taskAddress(id)}>
              {id}
              {id === winner && ' (chosen)'}
            </a>
          </span>
        );
      })}
      {why !== null && <span dir="auto">{plain(why)}</span>}
    </p>
  );
}

/** What an attempt is one of. */
function Among({ id }: { readonly id: string }) {
  const [all = ''] = id.split('.');
  return (
    <span>
      one of the attempts at <a href={taskAddress(all)}>{all}</a>
    </span>
  );
}

function Head({ task, state }: { readonly task: TaskRow; readonly state: State }) {
  const { run, pull } = task;
  const said = saidOf(task, state.notes);
  return (
    <div class="task-head">
      <h1>
        <Mark shape={shapeOf(task)} />
        <span dir="auto">{plain(task.title)}</span> <span class="id">{task.id}</span>
      </h1>
      {said !== task.branch && (task.race === null || task.state === 'failed') && (
        <p class="said" data-tone={toneOf(task)} dir="auto">
          <Sentence text={said} />
        </p>
      )}
      <p class="task-facts number">
        {task.id.includes('.') && <Among id={task.id} />}
        {run !== null && <span>attempt {run.attempt}</span>}
        {run?.model != null && <span>{plain(run.model)}</span>}
        {run !== null && hasCost(run.spend) && <span>{cost(run.spend).replace(/^unknown$/, 'cost unknown')}</span>}
        <span class="mono">{plain(task.branch)}</span>
        {pull !== null && (
          <span>
            pull <PullLink pull={pull} />
          </span>
        )}
      </p>
      {task.race !== null && <Race race={task.race} tasks={state.tasks} />}
      {task.evidence !== null && <Evidence evidence={task.evidence} />}
      <ActButtons task={task} />
    </div>
  );
}
