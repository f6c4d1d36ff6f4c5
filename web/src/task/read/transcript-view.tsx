import { type Signal, useSignal } from '@preact/signals';
import { useEffect, useMemo, useRef } from 'preact/hooks';
import { useKeys } from '../../ground/keys.ts';
import { plural } from '../../ground/words.ts';
import { returns } from '../../link/fleet.ts';
import { taskAddress } from '../../link/route.ts';
import { ErrorsOnly } from '../glance/errors-only.tsx';
import { Glance, type Seen } from '../glance/glance.tsx';
import { openOutline } from '../glance/outline.ts';
import { marked, openFind, type Place } from './find/find.ts';
import { FindBar } from './find/find-bar.tsx';
import { groupsIn, type Line } from './groups.ts';
import { standsIn } from './rows.ts';
import { RowsList } from './rows-list.tsx';
import { StepRow } from './step.tsx';
import type { Transcript } from './transcript.ts';

const LOOK = 1000;

function placeOf(key: string | null): Place | null {
  const [offset, part] = key?.split('.').map(Number) ?? [];
  return offset === undefined || part === undefined ? null : { offset, part };
}

/** The step that a line leads to. */
const stepOf = (line: Line): string => (line.kind === 'group' ? (line.calls[0]?.key ?? line.key) : line.key);

interface Props {
  readonly transcript: Transcript;
  readonly run: string | null;
  /** `offset.part` of the step that the address names. */
  readonly at: string | null;
  /** What the address looks for; empty: nothing. */
  readonly sought: string;
  readonly live: boolean;
  /** Another one for each sign of life. */
  readonly beat: string;
  /** The reader is at the end, and is kept there. */
  readonly following: Signal<boolean>;
}

export function TranscriptView({ transcript, run, at, sought, live, beat, following }: Props) {
  /** Where the last step that was seen at the end begins. */
  const seen = useSignal(Number.POSITIVE_INFINITY);
  const cursor = useSignal<string | null>(at);
  const target = useSignal<{ readonly key: string } | null>(at === null ? null : { key: at });
  const opened = useSignal<ReadonlySet<string>>(new Set());
  /** Calls whose group is open. */
  const unfolded = useSignal<ReadonlySet<string>>(new Set(at === null ? [] : [at]));
  const searching = useSignal(false);
  const listing = useSignal(false);
  const wanted = useSignal('');
  const said = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  const byKey = useRef(false);
  const finder = useMemo(() => openFind(transcript.task, () => run ?? transcript.stretch.peek()?.run ?? null), [transcript, run]);
  /** Where the last hit is: several may stand in one row. */
  const place = useRef<Place | null>(null);
  const rows = useMemo(() => groupsIn(transcript.rows.value, unfolded.value, live), [transcript.rows.value, unfolded.value, live]);
  const outline = useMemo(() => openOutline(transcript.task, run), [transcript, run]);
  const inSight = useSignal<Seen | null>(null);

  useEffect(() => outline.leave, [outline]);
  const begin = (): void => {
    const first = at === null ? transcript.fromEnd() : transcript.fromPlace(Number(at.split('.')[0]));
    // What is read comes first; all of it in short may take a while.
    void first.then(() => outline.look());
  };
  useEffect(begin, [transcript, outline]);
  // What is written next comes at a sign of life, and is looked for besides while the run lives.
  useEffect(() => {
    if (transcript.stretch.peek() === null) {
      // The daemon was away when it was asked for, and is back.
      if (transcript.trouble.peek() !== null) begin();
      return;
    }
    if (transcript.atEnd.peek()) void transcript.below();
    void outline.look();
  }, [beat, returns.value]);
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => void (transcript.atEnd.peek() && transcript.below()), LOOK);
    return () => clearInterval(timer);
  }, [live, transcript]);

  // An address may say what to look for; what was looked for elsewhere is not marked here.
  useEffect(() => {
    marked.value = sought;
    if (sought !== '') {
      searching.value = true;
      wanted.value = sought;
      if (at !== null) opened.value = new Set([at]);
    }
    return () => {
      marked.value = '';
    };
  }, [transcript]);

  const leaveEnd = (): void => {
    const last = placeOf(transcript.rows.peek().at(-1)?.key ?? null);
    if (following.peek() && last !== null) seen.value = last.offset;
    following.value = false;
  };
  const bring = (key: string): void => {
    leaveEnd();
    // What is sought is shown, also where it stands in a group.
    const folded = rows.find((line) => line.kind === 'group' && !line.open && line.calls.some((call) => standsIn(call, key)));
    const inside = transcript.rows.peek().find((row) => standsIn(row, key));
    if (inside !== undefined && (folded !== undefined || !rows.some((line) => standsIn(line, key))))
      unfolded.value = new Set(unfolded.value).add(inside.key);
    cursor.value = key;
    target.value = { key };
  };
  const toEnd = async (): Promise<void> => {
    if (!transcript.atEnd.peek()) await transcript.fromEnd();
    following.value = true;
  };
  const toStart = async (): Promise<void> => {
    leaveEnd();
    if (transcript.stretch.peek()?.before !== null) await transcript.fromPlace(0);
    const [first] = transcript.rows.peek();
    if (first !== undefined) bring(first.key);
  };
  const step = (by: 1 | -1): void => {
    const index = rows.findIndex((row) => standsIn(row, cursor.value));
    const next = rows[index === -1 ? (by === 1 ? 0 : rows.length - 1) : index + by];
    place.current = null;
    if (next !== undefined) bring(next.key);
  };
  const isOpen = (row: Line): boolean => (row.kind === 'group' ? row.open : [...opened.value].some((key) => standsIn(row, key)));
  const toggle = (row: Line): void => {
    if (row.kind === 'group') {
      const own = new Set(row.calls.map(({ key }) => key));
      const others = [...unfolded.value].filter((key) => !own.has(key));
      unfolded.value = new Set(row.open ? others : [...others, row.calls[0]?.key ?? '']);
      return;
    }
    opened.value = new Set(isOpen(row) ? [...opened.value].filter((key) => !standsIn(row, key)) : [...opened.value, row.key]);
  };
  const show = async (hit: Place): Promise<void> => {
    const key = `${hit.offset}.${hit.part}`;
    const arrive = (): void => {
      opened.value = new Set(opened.value).add(key);
      place.current = hit;
      bring(key);
    };
    if (transcript.rows.peek().some((one) => standsIn(one, key))) arrive();
    else await transcript.fromPlace(hit.offset, arrive);
  };
  const find = async (by: 1 | -1): Promise<void> => {
    marked.value = wanted.value;
    said.value = wanted.value === '' ? '' : 'looking …';
    const from = place.current ?? placeOf(cursor.peek());
    const { hit, said: words } = await finder.find(wanted.value, from, by);
    if (hit !== null) await show(hit);
    said.value = words;
  };
  const toPlace = async (offset: number): Promise<void> => {
    leaveEnd();
    const held = transcript.rows.peek().find(({ key }) => (placeOf(key)?.offset ?? -1) >= offset);
    const isHeld = held !== undefined && held !== transcript.rows.peek()[0];
    if (isHeld) return bring(held.key);
    await transcript.fromPlace(offset, () => {
      const there = transcript.rows.peek().find(({ key }) => (placeOf(key)?.offset ?? -1) >= offset);
      if (there !== undefined) bring(there.key);
    });
  };
  const nextError = async (): Promise<void> => {
    const index = rows.findIndex((row) => standsIn(row, cursor.value));
    const near = rows.slice(index + 1).find(({ isError }) => isError);
    if (near !== undefined) return bring(near.key);
    const stretch = transcript.stretch.peek();
    const found = transcript.atEnd.peek() || stretch === null ? null : await transcript.nextError(stretch.after - 1);
    if (found === null) {
      said.value = 'no error below';
      return;
    }
    await transcript.fromPlace(found.offset, () => bring(`${found.offset}.${found.part}`));
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    e: () => void nextError(),
    E: () => {
      listing.value = true;
    },
    n: () => void find(1),
    N: () => void find(-1),
    G: () => void toEnd(),
    g: () => void toStart(),
    o: () => {
      const row = rows.find((one) => standsIn(one, cursor.value));
      if (row !== undefined) toggle(row);
    },
    '/': () => {
      byKey.current = true;
      searching.value = true;
      field.current?.select();
    },
  });

  if (rows.length === 0)
    return (
      <p class="empty">{transcript.trouble.value ?? (transcript.stretch.value === null ? 'Reading the log …' : 'Nothing was said yet.')}</p>
    );
  const unseen = following.value ? 0 : transcript.rows.value.filter(({ key }) => (placeOf(key)?.offset ?? 0) > seen.value).length;
  const known = outline.known.value;
  return (
    <>
      {known === null ? (
        <section class="glance" aria-hidden="true" />
      ) : (
        <Glance
          outline={known}
          seen={inSight.value}
          at={placeOf(cursor.value)?.offset ?? null}
          onStep={(step) => void show(step)}
          onPlace={(offset) => void toPlace(offset)}
          onList={() => {
            listing.value = true;
          }}
        />
      )}
      {known !== null && listing.value && (
        <ErrorsOnly
          outline={known}
          onStep={(step) => {
            listing.value = false;
            void show(step);
          }}
          onClose={() => {
            listing.value = false;
          }}
        />
      )}
      <div class="transcript">
        {searching.value && (
          <FindBar
            field={field}
            focus={byKey.current}
            wanted={wanted}
            onFind={(by) => void find(by)}
            onClose={() => {
              searching.value = false;
              said.value = '';
              marked.value = '';
            }}
          />
        )}
        <output class="find-said">{said.value}</output>
        <RowsList
          rows={rows}
          following={following.value}
          target={target.value}
          onMoved={(isAtEnd) => {
            if (isAtEnd && transcript.atEnd.peek()) following.value = true;
            else leaveEnd();
          }}
          onSeen={(first, last) => {
            inSight.value = {
              from: placeOf(first.key)?.offset ?? 0,
              to: last === rows.at(-1) && transcript.atEnd.peek() ? Number.POSITIVE_INFINITY : (placeOf(last.key)?.offset ?? 0),
            };
          }}
          onNearStart={() => void transcript.above()}
          onNearEnd={() => void (!transcript.atEnd.peek() && transcript.below())}
        >
          {(row) => (
            <StepRow
              row={row}
              open={isOpen(row)}
              picked={standsIn(row, cursor.value)}
              live={live}
              task={transcript.task}
              run={run ?? transcript.stretch.value?.run ?? null}
              address={taskAddress(transcript.task, { ...(run === null ? {} : { run }), at: stepOf(row) })}
              onToggle={() => {
                place.current = null;
                cursor.value = row.key;
                toggle(row);
              }}
            />
          )}
        </RowsList>
        {!following.value && (
          <button type="button" class="button to-end" data-kind={unseen > 0 ? 'main' : undefined} onClick={() => void toEnd()}>
            {unseen > 0 && live ? `${plural(unseen, 'new step')} ↓` : 'To the end ↓'}
          </button>
        )}
      </div>
    </>
  );
}
