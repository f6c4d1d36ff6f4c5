import { describe, expect, it } from 'vitest';
import { SAFEGUARDS, type Safeguard } from './safeguards.ts';
import { type Report, simulate } from './simulate.ts';

interface Missed {
  /** The promises that break without it. */
  readonly breaks: readonly string[];
  /** Where the search begins: the first seed that was found. A change elsewhere moves it, and the search goes on from there. */
  readonly from: number;
}

const WITHOUT: Readonly<Record<Safeguard, Missed>> = {
  'intent record': { breaks: ['one live worker per task'], from: 10 },
  'start time': { breaks: ['identity', 'the status never lies'], from: 13 },
  'boot id': { breaks: ['identity', 'the status never lies'], from: 20 },
  salvage: { breaks: ['no work is lost'], from: 1 },
  'compare-and-set': { breaks: ['one writer'], from: 1 },
  'look before post': { breaks: ['each effect happens once'], from: 4 },
  'partial lists': { breaks: ['unknown is not absent'], from: 2 },
  'mass-death hold': { breaks: ['unknown is not absent'], from: 80 },
  'unknown is not absent': { breaks: ['unknown is not absent', 'the status never lies'], from: 6 },
  'daemon lock': { breaks: ["a person's edit is never lost", 'each effect happens once', 'one live worker per task'], from: 45 },
  'STOP consumption': { breaks: ['stop means stop'], from: 3 },
};
const MOST_SEEDS = 200;
/** As much as happens in four days, in one. */
const DENSE = { days: 1, density: 4 };

async function firstFailure(without: Safeguard, from: number): Promise<Report | null> {
  for (let seed = from; seed < from + MOST_SEEDS; seed += 1) {
    const report = await simulate({ ...DENSE, seed, without });
    if (report.violation !== null) return report;
  }
  return null;
}

describe('each safeguard is missed when it is taken away', () => {
  it.each(SAFEGUARDS)('%s', async (without) => {
    const { breaks, from } = WITHOUT[without];
    const failed = await firstFailure(without, from);
    expect(failed, `nothing broke within ${MOST_SEEDS} seeds from ${from} on`).not.toBeNull();
    const seed = failed?.seed ?? 0;
    expect(breaks).toContain(failed?.violation?.invariant);
    // It is the missing safeguard that did it.
    expect(await simulate({ ...DENSE, seed })).toMatchObject({ seed, violation: null });
  }, 600_000);
});
