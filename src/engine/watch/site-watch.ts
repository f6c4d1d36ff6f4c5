import type { Run } from '../../core/model/run.ts';
import type { Ms } from '../../core/model/seen.ts';
import type { RunId } from '../../core/model/task.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { mergedSights, type Site, type SiteSight, type Sites, unseen } from '../act/site.ts';
import type { Clock } from '../ports/machine/clock.ts';
import type { Log } from '../ports/records/log.ts';

/** What is seen at every place. One that does not answer keeps nobody waiting but its own runs, of which nothing is known meanwhile. */
export interface SiteWatch extends Sites {
  /** Asks this machine, and every other place that has runs. Never fails. */
  look(runs: readonly Run[]): Promise<SiteSight>;
}

export interface SiteWatchOptions {
  /** This machine. */
  readonly home: Site;
  /** Any other one. */
  readonly named: (name: string) => Site;
  readonly clock: Clock;
  readonly log: Log;
  /** A look that no tick waited for has answered. */
  readonly wake: () => void;
}

/** For how long after it came an answer that no tick waited for still counts. */
const FRESH: Ms = 10_000;
/** Between two looks that no tick waits for. */
const GAP: Ms = 1_000;
/** A look that has not answered by then may never do so: the place is asked again, and whichever answer comes is taken. */
const AGAIN_AFTER: Ms = 30_000;

export function watchSites(options: SiteWatchOptions): SiteWatch {
  const numbers = createNumbers();
  const posts = new Map<string | null, Post>([[null, openPost(options.home, numbers, options)]]);

  function postOf(name: string | null): Post {
    const post = posts.get(name) ?? openPost(name === null ? options.home : options.named(name), numbers, options);
    posts.set(name, post);
    return post;
  }

  return {
    siteOf: (run) => postOf(run.machine ?? null).site,
    async look(runs) {
      numbers.keepOnly(runs);
      const byPlace = Map.groupBy(runs, (run) => run.machine ?? null);
      const places = new Set([null, ...byPlace.keys()]);
      const seen = await Promise.all([...places].map(async (name) => [name, await postOf(name).look(byPlace.get(name) ?? [])] as const));
      return together(seen);
    },
  };
}

/** Looks and actions are counted, so that an answer is known to be older than an action, whatever the clock does. */
function createNumbers() {
  let count = 0;
  const touched = new Map<RunId, number>();
  return {
    next: () => ++count,
    touch: (run: RunId): void => void touched.set(run, ++count),
    isTouchedSince: (run: RunId, number: number): boolean => (touched.get(run) ?? 0) > number,
    keepOnly(runs: readonly Run[]): void {
      const ids = new Set(runs.map(({ id }) => id));
      for (const run of [...touched.keys()]) if (!ids.has(run)) touched.delete(run);
    },
  };
}

interface Post {
  /** The place, which counts what is done there. */
  readonly site: Site;
  look(runs: readonly Run[]): Promise<SiteSight>;
}

interface Answer {
  readonly sight: SiteSight;
  /** Of the question. */
  readonly number: number;
  readonly at: Ms;
  readonly took: Ms;
}

/** One place: its last answer, and the look under way. */
function openPost(site: Site, numbers: ReturnType<typeof createNumbers>, { clock, log, wake }: SiteWatchOptions): Post {
  const where = site.name === null ? 'this machine' : `the machine ${site.name}`;
  let last: Answer | null = null;
  let asked: { readonly number: number; readonly at: Ms } | null = null;
  /** It is not waited for: it never is, or it was in vain the last time. */
  let isBeside = site.patience === 0;
  let silentSince: Ms = clock.now();

  /** A look that was asked again may be answered after the newer one. */
  function answered(number: number): void {
    if (asked?.number === number) asked = null;
  }

  async function ask(runs: readonly Run[]): Promise<Answer> {
    const question = { number: numbers.next(), at: clock.now() };
    asked = question;
    const sight = await site.look(runs).catch((error: unknown) => unseen(runs, messageOf(error), clock.now()));
    const at = clock.now();
    const answer = { sight, number: question.number, at, took: at - question.at };
    if (last === null || last.number < answer.number) last = answer;
    answered(question.number);
    return answer;
  }

  /** With the tick waiting for it; null: it has waited long enough. */
  async function askAndWait(runs: readonly Run[]): Promise<SiteSight | null> {
    const answer = ask(runs);
    const inTime = await within(clock, site.patience, answer);
    if (inTime !== null) return inTime.sight;
    log.warn(`${where} does not answer: nothing is known of its runs until it does`);
    isBeside = true;
    silentSince = clock.now();
    goOn(answer);
    return null;
  }

  function goOn(answer: Promise<Answer>): void {
    void answer.then(({ took }) => {
      if (isBeside && took < site.patience) {
        log.info(`${where} answers again`);
        isBeside = false;
      }
      wake();
    });
  }

  function isDue(runs: readonly Run[], now: Ms): boolean {
    if (asked !== null) return now - asked.at >= AGAIN_AFTER;
    return last === null || now - last.at >= GAP || now < last.at || runs.some(({ id }) => numbers.isTouchedSince(id, last?.number ?? 0));
  }

  /** What the last answer still tells of each run: nothing of one that was acted on since, nor when it is old. */
  function remembered(runs: readonly Run[], now: Ms): SiteSight {
    const because = last === null ? `${where} has not answered yet` : `${where} does not answer`;
    if (last === null || now - last.at > FRESH || now < last.at) return unseen(runs, because, Math.max(silentSince, last?.at ?? 0));
    const { sight, number, at } = last;
    const stands = ({ id }: Run): boolean => (sight.streams.has(id) || sight.unread.has(id)) && !numbers.isTouchedSince(id, number);
    const rest = unseen(
      runs.filter((run) => !stands(run)),
      `${where} has not answered since`,
      at,
    );
    return mergedSights(only(sight, runs.filter(stands)), rest);
  }

  return {
    site: {
      ...site,
      async perform(action, subject, signal) {
        numbers.touch(subject.run.id);
        return site.perform(action, subject, signal).finally(() => numbers.touch(subject.run.id));
      },
    },
    async look(runs) {
      if (!isBeside && asked === null) {
        const sight = await askAndWait(runs);
        if (sight !== null) return sight;
      } else if (isDue(runs, clock.now())) goOn(ask(runs));
      return remembered(runs, clock.now());
    },
  };
}

function only(sight: SiteSight, runs: readonly Run[]): SiteSight {
  const ids = new Set<string>(runs.flatMap(({ id, task }) => [id, task]));
  const of = <K extends string, V>(map: ReadonlyMap<K, V>): ReadonlyMap<K, V> => new Map([...map].filter(([key]) => ids.has(key)));
  const { processes, streams, unread, signs, machine, endedThere = new Map() } = sight;
  return {
    ...{ processes: of(processes), streams: of(streams), unread: of(unread), signs: of(signs), machine },
    endedThere: of(endedThere),
  };
}

/** All places as one; what is told of the machine is this machine's. */
function together(seen: readonly (readonly [string | null, SiteSight])[]): SiteSight {
  const here = seen.find(([name]) => name === null)?.[1] ?? unseen([], 'this machine was not looked at', 0);
  return seen.reduce((all, [name, sight]) => (name === null ? all : { ...mergedSights(all, sight), machine: here.machine }), here);
}

/** Null: it took longer. */
async function within<T>(clock: Clock, patience: Ms, work: Promise<T>): Promise<T | null> {
  let cancel = (): void => undefined;
  const enough = new Promise<null>((resolve) => {
    cancel = clock.at(clock.now() + patience, () => resolve(null));
  });
  const first = await Promise.race([work, enough]);
  cancel();
  return first;
}
