import type { ComponentChildren } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { Mark, type Shape } from '../ground/mark.tsx';
import { bytes, clockTime, cost, day, plain, plural, span } from '../ground/words.ts';
import type { Outline, TaskRow, TaskRuns } from '../link/contract.ts';
import { taskAddress } from '../link/route.ts';

import { openOutline } from './glance/outline.ts';

type Run = TaskRuns['runs'][number];
const SHAPES: Readonly<Record<string, Shape>> = { done: 'completed', blocked: 'blocked', failed: 'failed' };

/** The attempts side by side: what differs between them stands in one line. */
export function RunsView({ task, race, beat }: { readonly task: string; readonly race: TaskRow['race']; readonly beat: string }) {
  const answer = useAsked<TaskRuns>(`tasks/${encodeURIComponent(task)}/runs`, beat);
  if (answer === null)
    return (
      <p class="empty" key="looking">
        Looking …
      </p>
    );
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { runs } = answer.value;
  if (runs.length === 0) return <p class="empty">{race === null ? 'It was never started.' : 'No attempt has begun yet.'}</p>;
  return <Attempts runs={runs} race={race} />;
}

function Attempts({ runs, race }: { readonly runs: readonly Run[]; readonly race: TaskRow['race'] }) {
  const outlines = useOutlines(runs);
  const facts = FACTS.filter(({ of }) => runs.some((run) => of(run, outlines.get(run.id) ?? null) !== null));
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="runs" aria-label="Attempts" tabIndex={0}>
      <table class="attempts">
        <thead>
          <tr>
            <td />
            {runs.map((run) => (
              <th scope="col" key={run.id}>
                <span class="attempt">
                  <Mark shape={shapeOf(run)} />
                  <a href={taskAddress(run.task, { run: run.id })}>{race === null ? `Attempt ${run.attempt}` : run.task}</a>
                  {race?.winner === run.task && <span class="chosen">chosen</span>}
                </span>
                <span class="cut">{race === null ? run.id : `attempt ${run.attempt}, ${run.id}`}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {facts.map(({ name, of, isNumber }) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              {runs.map((run) => (
                <td key={run.id} class={isNumber === true ? 'number' : undefined} dir="auto">
                  {of(run, outlines.get(run.id) ?? null) ?? <span class="cut">–</span>}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** More logs than these are not read for one table: the newest are. */
const MOST_READ = 8;

/** What the logs of runs tell of them, as far as it was asked for. */
function useOutlines(runs: readonly Run[]): ReadonlyMap<string, Outline> {
  const read = runs.filter(({ log_bytes: size }) => size !== null).slice(-MOST_READ);
  const names = read.map(({ id }) => id).join(' ');
  const asked = useMemo(() => new Map(read.map(({ id, task }) => [id, openOutline(task, id)])), [names]);
  // One after the other; again where more was said.
  const said = read.map(({ log_bytes: size }) => size).join(' ');
  useEffect(() => {
    void (async () => {
      for (const outline of asked.values()) await outline.look();
    })();
  }, [asked, said]);
  useEffect(
    () => () => {
      for (const outline of asked.values()) outline.leave();
    },
    [asked],
  );
  return new Map([...asked].flatMap(([id, { known }]) => (known.value === null ? [] : [[id, known.value]])));
}

/** Its place is held until its log was read: nothing below moves when it comes. */
const unread = ({ log_bytes: size }: Run): string | null => (size === null ? null : '…');

/** As `tac8 compare` tells it. */
function testsOf({ marks }: Outline): string {
  const tests = marks.filter(({ kind }) => kind === 'test');
  const green = tests.filter(({ ok }) => ok === true).length;
  return tests.length === 0 ? 'none run' : `${green} of ${tests.length} green, the last ${tests.at(-1)?.ok === true ? 'green' : 'red'}`;
}

const shapeOf = ({ outcome, pid }: Run): Shape =>
  outcome === null ? (pid === null ? 'idle' : 'active') : (SHAPES[outcome.kind] ?? 'idle');

interface Fact {
  readonly name: string;
  readonly of: (run: Run, outline: Outline | null) => ComponentChildren | null;
  readonly isNumber?: true;
}

const FACTS: readonly Fact[] = [
  { name: 'ended', of: ({ outcome }) => (outcome === null ? null : plain((outcome.type ?? outcome.kind).replaceAll('_', ' '))) },
  { name: 'because', of: ({ outcome }) => (outcome?.message == null ? null : plain(outcome.message)) },
  { name: 'started', of: ({ started_at: at }) => (at === null ? null : `${day(Date.parse(at))}, ${clockTime(Date.parse(at))}`) },
  {
    name: 'took',
    of: ({ started_at: from, ended_at: to }) => (from === null || to === null ? null : span(Date.parse(to) - Date.parse(from))),
    isNumber: true,
  },
  { name: 'agent', of: ({ agent }) => plain(agent) },
  { name: 'model', of: ({ model }) => (model === null ? null : plain(model)) },
  { name: 'turns', of: ({ turns }) => String(turns), isNumber: true },
  { name: 'cost', of: ({ spend }) => cost(spend), isNumber: true },
  {
    name: 'errors',
    of: (run, outline) => (outline === null ? unread(run) : String(outline.marks.filter(({ kind }) => kind === 'error').length)),
    isNumber: true,
  },
  { name: 'tests', of: (run, outline) => (outline === null ? unread(run) : testsOf(outline)) },
  {
    name: 'files',
    of: ({ work: { files } }) =>
      files === null
        ? null
        : plain(
            `${files.names.join(', ')}${files.count > files.names.length ? ` and ${files.count - files.names.length} more` : ''}` || 'none',
          ),
  },
  { name: 'lines', of: ({ work: { lines } }) => (lines === null ? null : String(lines)), isNumber: true },
  { name: 'went on from', of: ({ resumes }) => resumes },
  { name: 'told', of: ({ told }) => (told.length === 0 ? null : told.map(({ text }) => plain(text)).join(' · ')) },
  { name: 'ended by', of: ({ ended_by: by }) => (by === null ? null : plain(`${by.by}: ${by.reason}`)) },
  { name: 'exit', of: ({ exit }) => (exit === null ? null : exit.out_of_memory ? 'out of memory' : String(exit.code)), isNumber: true },
  { name: 'commits', of: ({ work }) => (work.commits === null ? null : plural(work.commits, 'commit')) },
  { name: 'saved', of: ({ work }) => (work.saved === null ? null : <span class="mono">{plain(work.saved.replace(SAVED, ''))}</span>) },
  { name: 'pushed', of: ({ work }) => (work.pushed === null ? null : <span class="mono">{work.pushed.slice(0, 10)}</span>) },
  { name: 'checked', of: ({ work }) => (work.verify === null ? null : work.verify.ok ? 'green' : 'red') },
  { name: 'log', of: ({ log_bytes: size }) => (size === null ? 'gone' : bytes(size)), isNumber: true },
];

/** All saved work stands there. */
const SAVED = /^refs\/tac8\/saved\//;
