import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Marked } from '../ground/marked.tsx';
import { plain } from '../ground/words.ts';
import { ask } from '../link/ask.ts';
import type { HitJson, LogHits } from '../link/contract.ts';
import { go, type Route, taskAddress } from '../link/route.ts';

interface Found {
  readonly hits: readonly HitJson[];
  readonly next: string | null;
  readonly why: string | null;
  readonly isLooking: boolean;
}

const NOTHING: Found = { hits: [], next: null, why: null, isLooking: false };

/** Words in everything that all agents said and did. */
export function SearchView({ query }: { readonly query: Route['query'] }) {
  const [words, tool] = [query.get('q') ?? '', query.get('tool') ?? ''];
  const field = useRef<HTMLInputElement>(null);
  const toolField = useRef<HTMLInputElement>(null);
  const [found, setFound] = useState<Found>(NOTHING);
  const newest = useRef(0);
  const look = async (known: Found): Promise<void> => {
    newest.current += 1;
    const own = newest.current;
    setFound({ ...known, isLooking: true, why: null });
    const given = new URLSearchParams({ text: words });
    if (tool !== '') given.set('tool', tool);
    if (known.next !== null) given.set('after', known.next);
    const answer = await ask<LogHits>(`search?${given}`);
    if (own !== newest.current) return;
    if (!answer.ok) setFound({ ...known, why: answer.why, isLooking: false });
    else setFound({ hits: [...known.hits, ...answer.value.hits], next: answer.value.next, why: null, isLooking: false });
  };
  // At once, not with the next frame: letters that are typed meanwhile would be taken for keys.
  useLayoutEffect(() => {
    if (words === '') field.current?.focus();
  }, [words]);
  useEffect(() => {
    if (words === '') setFound(NOTHING);
    else void look(NOTHING);
    return () => {
      newest.current += 1;
    };
  }, [words, tool]);
  const groups = groupedByRun(found.hits);
  return (
    <div class="search">
      <h1>Search</h1>
      <form
        class="search-form"
        onSubmit={(event) => {
          event.preventDefault();
          const asked = new URLSearchParams({ q: field.current?.value ?? '' });
          if (toolField.current?.value) asked.set('tool', toolField.current.value);
          go(`#/search?${asked}`);
        }}
      >
        <input
          ref={field}
          type="search"
          aria-label="Words in all logs"
          placeholder="Words in all that agents said and did"
          defaultValue={words}
          maxLength={500}
          onKeyDown={({ key }) => key === 'Escape' && go('#/')}
        />
        <input
          ref={toolField}
          class="tool-field"
          type="text"
          aria-label="Only in calls of this tool"
          placeholder="Tool"
          defaultValue={tool}
        />
        <button type="submit" class="button" data-kind="main">
          Search
        </button>
      </form>
      {groups.map(({ task, run, hits }) => (
        <section class="group" key={`${task} ${run}`} aria-label={`${task} ${run ?? ''}`}>
          <h2>
            <a href={taskAddress(task, run === null ? {} : { run })}>{task}</a> <span class="cut">{run}</span>
          </h2>
          <ul class="rows hits">
            {hits.map((hit) => (
              <li key={`${hit.offset}.${hit.part}`}>
                <a href={taskAddress(task, { ...(run === null ? {} : { run }), at: `${hit.offset}.${hit.part}`, find: words })}>
                  <span class="who">{plain(hit.who)}</span>{' '}
                  <span class="hit mono" dir="auto">
                    <Marked text={plain(hit.line)} words={words} />
                  </span>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
      <output class="search-said">{saidOf(words, found)}</output>
      {found.next !== null && !found.isLooking && (
        <button type="button" class="button" onClick={() => void look(found)}>
          Look on
        </button>
      )}
    </div>
  );
}

function saidOf(words: string, { hits, next, why, isLooking }: Found): string {
  if (why !== null) return why;
  if (isLooking) return 'Looking …';
  if (words === '') return '';
  if (hits.length === 0) return next === null ? 'Nobody said or did this.' : 'Nothing so far.';
  return next === null ? 'That is all.' : '';
}

interface Group {
  readonly task: string;
  readonly run: string | null;
  readonly hits: readonly HitJson[];
}

function groupedByRun(hits: readonly HitJson[]): readonly Group[] {
  const groups = new Map<string, Group>();
  for (const hit of hits) {
    const key = `${hit.task} ${hit.run}`;
    groups.set(key, { task: hit.task, run: hit.run, hits: [...(groups.get(key)?.hits ?? []), hit] });
  }
  return [...groups.values()];
}
