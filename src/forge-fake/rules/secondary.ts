import type { Answer } from '../state/answer.ts';

/** Refuses who asks or makes too much in too short a time, whatever the hour still has. */
export interface Secondary {
  /** Counts the request; null: it may go on. */
  refuse(who: string, method: string, path: string, body: Buffer): Answer | null;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** As GitHub documents them: points in a minute of each of its two APIs, and what may be made in a minute and in an hour. */
const POINTS = { rest: 900, graphql: 2_000 } as const;
const MADE = { minute: 80, hour: 500 } as const;
const [READ, WRITE] = [1, 5];

interface Noted {
  readonly at: number;
  readonly points: number;
}

/** Requests are counted whether they are refused or not, as GitHub warns. */
export function createSecondary(now: () => number): Secondary {
  const asked = new Map<string, Noted[]>();
  const made = new Map<string, Noted[]>();

  function sum(of: Map<string, Noted[]>, who: string, points: number, keep: number, within: number): number {
    const noted = (of.get(who) ?? []).filter(({ at }) => at > now() - keep);
    if (points > 0) noted.push({ at: now(), points });
    of.set(who, noted);
    return noted.filter(({ at }) => at > now() - within).reduce((all, one) => all + one.points, 0);
  }

  return {
    refuse(who, method, path, body) {
      const isGraphql = path === '/graphql';
      const isWrite = isGraphql ? /"query":\s*"\s*mutation\b/.test(body.toString('utf8')) : method !== 'GET' && method !== 'HEAD';
      const spent = sum(asked, `${who} ${isGraphql}`, isWrite ? WRITE : READ, MINUTE, MINUTE);
      if (spent > (isGraphql ? POINTS.graphql : POINTS.rest)) return refused('Please wait a few minutes before you try again.');
      // What is made anew: an edit makes nothing.
      if (isGraphql || method !== 'POST') return null;
      const minute = sum(made, who, 1, HOUR, MINUTE);
      const hour = sum(made, who, 0, HOUR, HOUR);
      return minute > MADE.minute || hour > MADE.hour
        ? refused('You have been temporarily blocked from content creation. Please retry your request again later.')
        : null;
    },
  };
}

const refused = (words: string): Answer => ({
  status: 403,
  headers: { 'retry-after': '60' },
  body: {
    message: `You have exceeded a secondary rate limit. ${words}`,
    documentation_url: 'https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api#about-secondary-rate-limits',
  },
});
