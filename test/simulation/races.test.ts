import { describe, expect, it } from 'vitest';
import { type Incident, MINUTE, SECOND } from './incidents/incidents.ts';
import { simulate } from './simulate.ts';

const ISSUES: Incident = { at: SECOND, kind: 'issues', count: 3, by: 'maria' };
const at = (minutes: number, incident: object): Incident => ({ at: minutes * MINUTE, ...incident }) as Incident;

/** What may come between several attempts at an issue and the one pull that they come to. */
const STORIES: Readonly<Record<string, readonly Incident[]>> = {
  'nothing else happens': [ISSUES],
  'the daemon is killed again and again': [
    ISSUES,
    ...[10.2, 11, 12, 12.7, 13.4, 14, 16, 20, 30].map((when) => at(when, { kind: 'leave', drain: false, down: 5 * SECOND })),
    ...[11.5, 13, 15, 18, 22].map((when) => at(when, { kind: 'crash', on: 'store.commit', skip: 1, down: 5 * SECOND })),
  ],
  'the label is taken off, and put on again': [
    ISSUES,
    at(11, { kind: 'label', on: false, by: 'maria', pick: 0 }),
    at(50, { kind: 'label', on: true, by: 'maria', pick: 0 }),
  ],
  'people stop, cancel and retry what they find': [
    ISSUES,
    ...[0.1, 0.3, 0.5, 0.7, 0.9].map((pick, n) =>
      at(12 + n, { kind: 'command', verb: (['stop', 'cancel', 'cancel', 'tell', 'stop'] as const)[n], pick }),
    ),
    ...[0.1, 0.3, 0.5, 0.7, 0.9].map((pick, n) =>
      at(40 + n, { kind: 'command', verb: (['retry', 'retry', 'retry', 'continue', 'retry'] as const)[n], pick }),
    ),
  ],
  'people edit the board': [
    ISSUES,
    ...[0.1, 0.4, 0.8].flatMap((pick, n) => [
      at(11 + n, { kind: 'board', edit: 'cancel', pick }),
      at(30 + n, { kind: 'board', edit: 'retry', pick }),
    ]),
  ],
  'the database is lost while they are at work': [ISSUES, at(12, { kind: 'store-lost', down: 20 * SECOND })],
  'pulls are merged, and a label put on again': [
    ISSUES,
    at(4 * 60, { kind: 'merge' }),
    at(5 * 60, { kind: 'reopen', pick: 0 }),
    at(5 * 60 + 1, { kind: 'label', on: true, by: 'maria', pick: 0 }),
  ],
};

describe('attempts side by side', () => {
  it.each(Object.entries(STORIES))(
    '%s',
    async (_, incidents) => {
      for (const seed of [1, 2, 3]) {
        const { violation, runs } = await simulate({ seed, days: 0, incidents, races: true });
        expect({ seed, violation }).toEqual({ seed, violation: null });
        expect(runs).toBeGreaterThan(2);
      }
    },
    60_000,
  );

  it('over whole weeks in which everything goes wrong', async () => {
    for (const seed of [1, 2, 3]) {
      const { violation } = await simulate({ seed, days: 7, races: true });
      expect({ seed, violation }).toEqual({ seed, violation: null });
    }
  }, 120_000);
});
