import { expect, it } from 'vitest';
import { HOUR, type Incident, MINUTE } from './incidents/incidents.ts';
import { simulate } from './simulate.ts';

/** A week of issues, and a daemon that dies now and then; no person has a hand in it. */
const week: readonly Incident[] = Array.from({ length: 7 * 8 }, (_, n): Incident[] => [
  { at: (3 * n + 0.3) * HOUR, kind: 'issues', count: 1, by: 'maria' },
  ...(n % 5 === 4 ? [{ at: 3 * n * HOUR + 7 * MINUTE, kind: 'leave', drain: false, down: 2 * MINUTE } as const] : []),
  ...(n % 7 === 6 ? [{ at: 3 * n * HOUR, kind: 'crash', on: 'store.commit', skip: 3, down: MINUTE } as const] : []),
]).flat();

it('over a week with three logins no attempt is burned by a limit, and each limit’s end resumes the conversation', async () => {
  for (const seed of [1, 2]) {
    const { violation, runs, cutOff } = await simulate({ seed, days: 7, incidents: week, logins: true });
    expect({ seed, violation }).toEqual({ seed, violation: null });
    expect(cutOff).toBeGreaterThan(5);
    expect(runs).toBeGreaterThan(80);
  }
}, 240_000);

it('and over weeks in which everything else goes wrong as well', async () => {
  for (const seed of [1, 2]) {
    const { violation, cutOff } = await simulate({ seed, days: 7, density: 4, logins: true });
    expect({ seed, violation }).toEqual({ seed, violation: null });
    expect(cutOff).toBeGreaterThan(5);
  }
}, 240_000);
