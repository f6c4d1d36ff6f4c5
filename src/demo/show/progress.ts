import type { JournalEntry as Request } from '../../forge-fake/state/journal.ts';
import type { JournalEntry } from '../agent/journal.ts';
import { PEOPLE } from '../world/forge.ts';
import type { Act, Sight } from '../world/people.ts';

/** Something to tell the person who watches. */
export interface Happening {
  readonly at: number;
  readonly task: string | null;
  readonly who: 'agent' | 'forge' | 'person' | 'tac8';
  readonly text: string;
}

/** Turns what is seen again and again into what is new. */
export function createNews(taskOf: (fate: Act['fate']) => string | null) {
  const told = new Map<string, number>();
  const born = new Set<string>();
  const gone = new Set<string>();
  return {
    fromAgents({ journals, lives }: Sight): readonly Happening[] {
      const news: Happening[] = [];
      for (const [run, entries] of journals) {
        for (const entry of entries.slice(told.get(run) ?? 0)) news.push(fromAgent(entry));
        told.set(run, entries.length);
      }
      for (const { run, task, bornBy, goneBy } of lives) {
        // An agent without a journal says nothing of its birth itself.
        if (!journals.has(run) && !born.has(run)) news.push({ at: bornBy, task, who: 'agent', text: `${run} begins` });
        born.add(run);
        if (goneBy === null || gone.has(run)) continue;
        gone.add(run);
        news.push({ at: goneBy, task, who: 'tac8', text: `${run}: no process of it is left` });
      }
      return news.toSorted((a, b) => a.at - b.at);
    },
    fromForge: (requests: readonly Request[]): readonly Happening[] => requests.flatMap(fromForge),
    fromPeople: (acts: readonly Act[]): readonly Happening[] =>
      acts.map(({ at, fate, what }) => ({ at, task: taskOf(fate), who: 'person', text: what })),
  };
}

const WORDS: Readonly<Record<JournalEntry['kind'], (entry: JournalEntry) => string>> = {
  start: ({ run, text }) => `${run} begins: ${text}`,
  step: ({ text }) => text,
  wrote: ({ text }) => `writes ${text}`,
  commit: ({ text }) => `commits ${text.slice(0, 7)}`,
  'left-behind': ({ text }) => `starts ${text}`,
  signal: ({ text }) => `is sent ${text}, and goes on`,
  interrupt: ({ text }) => `is asked to end: ${text}`,
  crash: ({ text }) => `crashes: ${text}`,
  end: ({ run, text }) => `${run} ends: ${text}`,
};

const fromAgent = (entry: JournalEntry): Happening => ({ at: entry.at, task: entry.task, who: 'agent', text: WORDS[entry.kind](entry) });

/** What tac8 changed there: pulls, comments, branches. */
function fromForge({ at, kind, method, path, user, applied, pushes, request }: Request): readonly Happening[] {
  const time = Date.parse(at);
  if (user !== PEOPLE.bot) return [];
  if (pushes !== undefined)
    return pushes.map(({ ref }) => ({
      at: time,
      task: ref.split('/').at(-1) ?? null,
      who: 'forge',
      text: `branch ${ref.replace('refs/heads/', '')} is pushed`,
    }));
  if (kind !== 'api' || method !== 'POST' || applied !== 201) return [];
  const fields = (typeof request === 'object' && request !== null ? request : {}) as {
    readonly title?: string;
    readonly head?: string;
    readonly body?: string;
  };
  if (path.endsWith('/pulls'))
    return [{ at: time, task: fields.head?.split('/').at(-1) ?? null, who: 'forge', text: `pull is open: ${fields.title ?? ''}` }];
  const issue = /\/issues\/(\d+)\/comments$/.exec(path)?.[1];
  if (issue === undefined) return [];
  return [{ at: time, task: `gh-${issue}`, who: 'forge', text: `comment: ${firstWords(fields.body ?? '')}` }];
}

const firstWords = (text: string): string => text.split('\n')[0]?.replaceAll('**', '').slice(0, 80) ?? '';
