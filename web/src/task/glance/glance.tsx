import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { clockTime, dollars, plain, plural } from '../../ground/words.ts';
import type { Outline } from '../../link/contract.ts';
import { bucketsOf, isWrong, nextMark, placeAt, shareOf } from './places.ts';

type Mark = Outline['marks'][number];

/** What is seen of the log now, in bytes. */
export interface Seen {
  readonly from: number;
  readonly to: number;
}

interface Props {
  readonly outline: Outline;
  readonly seen: Seen | null;
  /** Where the reader is; null: nowhere yet. */
  readonly at: number | null;
  readonly onStep: (place: { readonly offset: number; readonly part: number }) => void;
  /** To a line of which no step is named. */
  readonly onPlace: (offset: number) => void;
  /** What went wrong is wanted as a list. */
  readonly onList: () => void;
}

const LANES = [
  { name: 'wrong', is: isWrong, one: 'error', more: 'errors' },
  { name: 'edit', is: ({ kind }: Mark) => kind === 'edit', one: 'edit', more: 'edits' },
  { name: 'test', is: ({ kind }: Mark) => kind === 'test', one: 'test run', more: 'test runs' },
] as const;

const LANE = 10;
const GAP = 3;
const MANY = 240;
const HEIGHT = LANES.length * (LANE + GAP) + GAP;
const WIDE = 1000;

/** The whole run at a glance: what went wrong, edits, test runs, and what it had cost by then. A click leads there. */
export function Glance({ outline, seen, at, onStep, onPlace, onList }: Props) {
  const pointed = useSignal<number | null>(null);
  const { marks, costs, lines, after, size, cut } = outline;
  // Once for each outline: whoever scrolls or points draws anew what is seen, and no more.
  const lanes = useMemo(
    () =>
      LANES.map((lane) => {
        const own = marks.filter(lane.is);
        return { ...lane, marks: own, buckets: bucketsOf(outline, own, MANY) };
      }),
    [outline],
  );
  const cost = costs.at(-1)?.usd ?? 0;
  const drawn = useMemo(
    () => (
      <>
        {cost > 0 && <path class="glance-cost" d={costPath(outline, cost)} />}
        {lanes.map(({ name, buckets }, index) =>
          buckets.map(({ from, marks: these }) => (
            <rect
              key={`${name} ${from}`}
              data-lane={name}
              data-wrong={name === 'test' && these.some(isWrong)}
              x={from * WIDE}
              y={GAP + index * (LANE + GAP)}
              width={WIDE / MANY}
              height={LANE}
            />
          )),
        )}
      </>
    ),
    [outline, lanes, cost],
  );
  const shareIn = (event: { readonly clientX: number; readonly currentTarget: Element }): number => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(1, Math.max(0, (event.clientX - left) / Math.max(1, width)));
  };
  const click = (event: MouseEvent & { readonly currentTarget: Element }): void => {
    const share = shareIn(event);
    const lane = lanes[Math.floor((event.clientY - event.currentTarget.getBoundingClientRect().top) / (LANE + GAP))];
    // What a finger hits, it means.
    const near = (lane?.marks ?? [])
      .map((mark) => ({ mark, far: Math.abs(shareOf(outline, mark.offset) - share) }))
      .reduce<{ readonly mark: Mark; readonly far: number } | null>(
        (best, one) => (best === null || one.far < best.far ? one : best),
        null,
      );
    if (near !== null && near.far < 1.5 / MANY) return onStep(near.mark);
    const place = placeAt(outline, share);
    if (place !== null) onPlace(place.offset);
  };
  return (
    <section class="glance" aria-label="The run at a glance">
      <div class="glance-legend">
        {lanes.flatMap(({ name, one, more, marks: own }) => [
          <button
            key={name}
            type="button"
            class="glance-lane"
            data-lane={name}
            disabled={own.length === 0}
            title={own.length === 0 ? undefined : `To the next ${one}`}
            onClick={() => {
              const next = nextMark(own, at);
              if (next !== null) onStep(next);
            }}
          >
            <i aria-hidden="true" />
            {cut && own.length > 0 ? 'over ' : ''}
            {plural(own.length, one, more)}
            {name === 'test' && own.length > 0 && <span class="cut">{saidOf(own)}</span>}
          </button>,
          ...(name === 'wrong' && own.length > 1
            ? [
                <button key="list" type="button" class="glance-lane glance-list" aria-label="List the errors only" onClick={onList}>
                  List
                </button>,
              ]
            : []),
        ])}
        <span class="grow" />
        <span class="number cut">{pointed.value === null ? saidOfAll(outline, cost) : pointedAt(outline, pointed.value)}</span>
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the buttons above lead to the same places, for who has no pointer */}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: as above */}
      <div
        class="glance-map"
        onClick={click}
        onPointerMove={(event) => {
          pointed.value = shareIn(event);
        }}
        onPointerLeave={() => {
          pointed.value = null;
        }}
      >
        <svg width="100%" height={HEIGHT} viewBox={`0 0 ${WIDE} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          {drawn}
          {seen !== null && (
            <rect
              class="glance-seen"
              x={shareOf(outline, seen.from) * WIDE}
              width={Math.max(2, (shareOf(outline, seen.to) - shareOf(outline, seen.from)) * WIDE)}
              y={0}
              height={HEIGHT}
            />
          )}
          {after < size && lines > 0 && <title>The log is still being looked through.</title>}
        </svg>
      </div>
    </section>
  );
}

function saidOf(tests: readonly Mark[]): string {
  const red = tests.filter(isWrong).length;
  return red === 0 ? 'all green' : red === tests.length ? 'all red' : `${red} red`;
}

function saidOfAll({ milestones, ended_at, after, size, cut }: Outline, cost: number): string {
  const first = milestones.find(({ at }) => at !== null)?.at ?? null;
  const span = first === null || ended_at === null ? '' : `${clockTime(Date.parse(first))}–${clockTime(Date.parse(ended_at))}`;
  const part = after < size ? `${Math.round((after / Math.max(1, size)) * 100)} % looked through` : cut ? 'too much to mark all of it' : '';
  return [part, span, cost > 0 ? dollars(cost) : ''].filter((text) => text !== '').join(' · ');
}

/** When it was there, and what the run had cost by then. */
function pointedAt(outline: Outline, share: number): string {
  const place = placeAt(outline, share);
  if (place === null) return '';
  const by = outline.costs.findLast(({ offset }) => offset <= place.offset)?.usd ?? 0;
  const near = outline.marks.find((mark) => Math.abs(shareOf(outline, mark.offset) - share) < 1 / MANY);
  return [
    near === undefined ? '' : plain(near.text).split('\n')[0]?.slice(-60),
    place.at === null ? '' : clockTime(Date.parse(place.at)),
    by > 0 ? dollars(by) : '',
  ]
    .filter((text) => text !== '')
    .join(' · ');
}

/** What it cost by then, as steps from the left to the right. */
function costPath(outline: Outline, most: number): string {
  const y = (usd: number): string => (HEIGHT - (usd / most) * (HEIGHT - 2)).toFixed(1);
  const steps = outline.costs.map(({ offset, usd }) => `H${(shareOf(outline, offset) * WIDE).toFixed(1)}V${y(usd)}`);
  return `M0 ${HEIGHT}${steps.join('')}H${WIDE}V${HEIGHT}Z`;
}
