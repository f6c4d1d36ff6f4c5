import { useMemo } from 'preact/hooks';
import { useAsked } from '../ground/asked.ts';
import { now } from '../ground/clock.ts';
import { isNarrow } from '../ground/narrow.ts';
import { plain, span } from '../ground/words.ts';
import type { Timeline as Answer, State } from '../link/contract.ts';
import { taskAddress } from '../link/route.ts';
import { lanesOf, ticksBetween } from './lanes.ts';

const HOUR = 3_600_000;
/** No more of the past than there is something to see in; never less than this. */
const LEAST = HOUR / 30;
const LANE = 18;
const GAP = 3;
const HEAD = 18;
const MOST_LANES = 12;
/** About as wide as a letter on a bar: a name that would be cut is left out; a pointer, and who hears the page, are told it. */
const LETTER = 7;
/** Further to the right the words of a time would be cut off, on a phone. */
const ROOM = 0.88;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });

/** As it was last told, wherever in the page the reader was since. */
const last: { value: Answer | null } = { value: null };

/** The last hours: a bar for each run, coloured by how it ended, the newest at the right edge. */
export function Timeline({ state }: { readonly state: State }) {
  const beat = state.tasks.map(({ run }) => `${run?.id} ${run?.state}`).join(' ');
  const asked = useAsked<Answer>('timeline', beat);
  if (asked?.ok === true) last.value = asked.value;
  // Whoever comes here while nobody answers sees what was known, up to when it was.
  const isOld = asked?.ok === false && asked.status === null && last.value !== null;
  const answer = isOld && last.value !== null ? { ok: true as const, value: last.value } : asked;
  const to = isOld && last.value !== null ? Date.parse(last.value.at) : now.value;
  // Once a second, not with every word of an agent.
  const place = placeFor(state);
  return useMemo(() => {
    // Its place is held from the first: what stands below does not jump when it comes.
    if (answer === null) return place === 0 ? null : <section class="timeline" children={<svg width="100%" height={heightOf(place)} />} />;
    return answer.ok && answer.value.bars.length > 0 ? <Lanes of={answer.value} to={to} place={place} /> : null;
  }, [asked, isOld, to, place, isNarrow.value]);
}

/** A lane for each slot, as far as they are few; where nothing ever ran, none. */
function placeFor({ tasks, slots }: State): number {
  if (tasks.every(({ run }) => run === null)) return 0;
  return slots.of !== null && slots.of <= MOST_LANES ? slots.of : Math.min(slots.used, MOST_LANES);
}

const heightOf = (lanes: number): number => HEAD + lanes * (LANE + GAP);

function Lanes({ of: { bars, since }, to, place }: { readonly of: Answer; readonly to: number; readonly place: number }) {
  const first = Math.min(...bars.map(({ started_at }) => Date.parse(started_at)));
  const from = Math.min(Math.max(first - 60_000, Date.parse(since)), to - LEAST);
  const lanes = lanesOf(bars).slice(0, MOST_LANES);
  const height = heightOf(Math.max(lanes.length, place));
  const x = (ms: number): string => `${(Math.max(0, (ms - from) / (to - from)) * 100).toFixed(3)}%`;
  return (
    <section class="timeline" aria-label="The last hours">
      <svg width="100%" height={height}>
        <title>Runs of the last hours</title>
        {ticksBetween(from, to).map((tick) => (
          <g key={tick} class="tick">
            <line x1={x(tick)} x2={x(tick)} y1={HEAD - 4} y2={height} />
            {(tick - from) / (to - from) < ROOM && (
              <text x={x(tick)} y={11} dx={3}>
                {clock.format(tick)}
              </text>
            )}
          </g>
        ))}
        {lanes.map((lane, index) =>
          lane.map(({ run, task, started_at, ended_at, outcome }) => {
            const [begin, end] = [Date.parse(started_at), ended_at === null ? to : Date.parse(ended_at)];
            const kind =
              ended_at === null
                ? 'active'
                : outcome === 'done'
                  ? 'completed'
                  : outcome === 'blocked'
                    ? 'blocked'
                    : outcome === null
                      ? 'pending'
                      : 'failed';
            const said = `${task}: ${outcome?.replaceAll('_', ' ') ?? (ended_at === null ? 'runs' : 'is looked at')}, ${span(end - begin)}`;
            const y = HEAD + index * (LANE + GAP);
            return (
              <a key={run} href={taskAddress(task, { run })} aria-label={said}>
                <svg x={x(begin)} y={y} width={width(begin, end, from, to)} height={LANE} overflow="hidden">
                  <title>{plain(said)}</title>
                  <rect class="bar" data-state={kind} width="100%" height={LANE} rx={3} />
                  {((end - Math.max(begin, from)) / (to - from)) * innerWidth > task.length * LETTER + 2 * LETTER && (
                    <text class="bar-text" x={6} y={13}>
                      {task}
                    </text>
                  )}
                </svg>
              </a>
            );
          }),
        )}
      </svg>
    </section>
  );
}

/** Never so narrow that it cannot be hit. */
function width(begin: number, end: number, from: number, to: number): string {
  const share = (end - Math.max(begin, from)) / (to - from);
  return `${(Math.max(share, 0.006) * 100).toFixed(3)}%`;
}
