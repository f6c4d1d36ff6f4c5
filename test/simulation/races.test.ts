import { describe, expect, it } from 'vitest';
import { HOUR, type Incident, MINUTE, SECOND } from './incidents.ts';
import { simulate } from './simulate.ts';

/** What may come between several attempts at an issue and the one pull that they come to. */
const STORIES: Readonly<Record<string, readonly Incident[]>> = {
  'nothing else happens': [{ at: SECOND, kind: 'issues', count: 2, by: 'maria' }],
  'the daemon is killed again and again': [
    { at: SECOND, kind: 'issues', count: 3, by: 'maria' },
    ...[10.2, 11, 12, 12.7, 13.4, 14, 16, 20, 30].map(
      (at): Incident => ({ at: at * MINUTE, kind: 'leave', drain: false, down: 5 * SECOND }),
    ),
  ],
};
void HOUR;

describe('attempts side by side', () => {
  it.each(Object.entries(STORIES))(
    '%s',
    async (_, incidents) => {
      for (const seed of [1, 2, 3, 4, 5, 6]) {
        const { violation, runs, trace } = await simulate({ seed, days: 0, incidents, races: true, trace: true });
        if (violation !== null && process.env.SHOW) console.log(trace.slice(-40).join('\n'));
        expect({ seed, violation }).toEqual({ seed, violation: null });
        expect(runs).toBeGreaterThan(2);
      }
    },
    60_000,
  );
});
