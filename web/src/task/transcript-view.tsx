import { useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { useKeys } from '../ground/keys.ts';
import { plural } from '../ground/words.ts';
import { taskAddress } from '../link/route.ts';
import { type Row, textOf } from './rows.ts';
import { RowsList } from './rows-list.tsx';
import { StepRow } from './step.tsx';
import type { Transcript } from './transcript.ts';

const MOST_PAGES = 100;
const LOOK = 1000;

interface Props {
  readonly transcript: Transcript;
  readonly run: string | null;
  /** `offset.part` of the step that the address names. */
  readonly at: string | null;
  readonly live: boolean;
  /** Another one for each sign of life. */
  readonly beat: string;
}

export function TranscriptView({ transcript, run, at, live, beat }: Props) {
  const following = useSignal(at === null);
  const seen = useSignal(0);
  const cursor = useSignal<string | null>(at);
  const target = useSignal<{ readonly key: string } | null>(at === null ? null : { key: at });
  const opened = useSignal<ReadonlySet<string>>(new Set());
  const searching = useSignal(false);
  const wanted = useSignal('');
  const said = useSignal('');
  const field = useRef<HTMLInputElement>(null);
  const rows = transcript.rows.value;

  useEffect(() => {
    if (at === null) void transcript.fromEnd();
    else void transcript.fromPlace(Number(at.split('.')[0]));
  }, [transcript]);
  // What is written next comes at a sign of life, and is looked for besides while the run lives.
  useEffect(() => {
    if (transcript.atEnd.peek()) void transcript.below();
  }, [beat]);
  useEffect(() => {
    if (!live) return undefined;
    const timer = setInterval(() => void (transcript.atEnd.peek() && transcript.below()), LOOK);
    return () => clearInterval(timer);
  }, [live, transcript]);

  const bring = (key: string): void => {
    following.value = false;
    cursor.value = key;
    target.value = { key };
  };
  const toEnd = async (): Promise<void> => {
    if (!transcript.atEnd.peek()) await transcript.fromEnd();
    seen.value = transcript.rows.peek().length;
    following.value = true;
  };
  const toStart = async (): Promise<void> => {
    following.value = false;
    if (transcript.stretch.peek()?.before !== null) await transcript.fromPlace(0);
    const [first] = transcript.rows.peek();
    if (first !== undefined) bring(first.key);
  };
  const step = (by: 1 | -1): void => {
    const index = rows.findIndex(({ key }) => key === cursor.value);
    const next = rows[index === -1 ? (by === 1 ? 0 : rows.length - 1) : index + by];
    if (next !== undefined) bring(next.key);
  };
  const toggle = (key: string): void => {
    const next = new Set(opened.value);
    if (!next.delete(key)) next.add(key);
    opened.value = next;
  };
  const find = async (by: 1 | -1): Promise<void> => {
    const text = wanted.value.toLowerCase();
    if (text === '') return;
    const hit = (row: Row): boolean => textOf(row).toLowerCase().includes(text);
    for (let pages = 0; pages < MOST_PAGES; pages += 1) {
      const all = transcript.rows.peek();
      const from = all.findIndex(({ key }) => key === cursor.peek());
      const found = by === 1 ? all.slice(from + 1).find(hit) : all.slice(0, from === -1 ? all.length : from).findLast(hit);
      if (found !== undefined) {
        said.value = '';
        if (found.kind === 'call') opened.value = new Set(opened.value).add(found.key);
        return bring(found.key);
      }
      said.value = 'looking …';
      // Where the last page was looked through, the last of its rows is where the next search goes on.
      const edge = by === 1 ? all.at(-1) : all[0];
      if (edge !== undefined) cursor.value = edge.key;
      const more = by === 1 ? !transcript.atEnd.peek() && (await transcript.below()) : await transcript.above();
      if (!more) break;
    }
    said.value = by === 1 ? 'none below' : 'none above';
  };
  const nextError = async (): Promise<void> => {
    const index = rows.findIndex(({ key }) => key === cursor.value);
    const near = rows.slice(index + 1).find(({ isError }) => isError);
    if (near !== undefined) return bring(near.key);
    const stretch = transcript.stretch.peek();
    const found = transcript.atEnd.peek() || stretch === null ? null : await transcript.nextError(stretch.after - 1);
    if (found === null) {
      said.value = 'no error below';
      return;
    }
    await transcript.fromPlace(found.offset);
    bring(`${found.offset}.${found.part}`);
  };
  useKeys({
    j: () => step(1),
    k: () => step(-1),
    e: () => void nextError(),
    n: () => void find(1),
    N: () => void find(-1),
    G: () => void toEnd(),
    g: () => void toStart(),
    o: () => cursor.value !== null && toggle(cursor.value),
    '/': () => {
      searching.value = true;
      requestAnimationFrame(() => field.current?.select());
    },
  });

  if (rows.length === 0)
    return (
      <p class="empty">{transcript.trouble.value ?? (transcript.stretch.value === null ? 'Reading the log …' : 'Nothing was said yet.')}</p>
    );
  const unseen = following.value ? 0 : Math.max(0, rows.length - seen.value);
  return (
    <div class="transcript">
      {searching.value && (
        <search class="find">
          <input
            ref={field}
            type="search"
            aria-label="Find in the transcript"
            placeholder="Find"
            value={wanted.value}
            onInput={({ currentTarget }) => {
              wanted.value = currentTarget.value;
            }}
            onKeyDown={(event) => {
              if (event.key === 'Enter') void find(event.shiftKey ? -1 : 1);
              if (event.key === 'Escape') {
                searching.value = false;
                said.value = '';
              }
            }}
          />
          <button type="button" class="button" data-kind="plain" aria-label="Find above" onClick={() => void find(-1)}>
            ↑
          </button>
          <button type="button" class="button" data-kind="plain" aria-label="Find below" onClick={() => void find(1)}>
            ↓
          </button>
        </search>
      )}
      <output class="find-said">{said.value}</output>
      <RowsList
        rows={rows}
        following={following.value}
        target={target.value}
        onMoved={(isAtEnd) => {
          if (!isAtEnd && following.value) seen.value = rows.length;
          following.value = isAtEnd && transcript.atEnd.peek();
        }}
        onNearStart={() => void transcript.above()}
        onNearEnd={() => void (!transcript.atEnd.peek() && transcript.below())}
      >
        {(row) => (
          <StepRow
            row={row}
            open={opened.value.has(row.key)}
            picked={cursor.value === row.key}
            live={live}
            address={taskAddress(transcript.task, { ...(run === null ? {} : { run }), at: row.key })}
            onToggle={() => {
              cursor.value = row.key;
              toggle(row.key);
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
  );
}
