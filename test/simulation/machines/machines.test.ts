import { describe, expect, it } from 'vitest';
import { startProgram } from '../../support/world/program.ts';
import { WITHOUT, type Without } from './safeguards.ts';
import { type MachinesReport, simulateMachines } from './simulate.ts';

const ROOT = new URL('../../..', import.meta.url).pathname;
const run = (...args: string[]) =>
  startProgram([process.execPath, 'scripts/long/simulate.ts', ...args], { cwd: ROOT, env: { PATH: process.env.PATH ?? '' } }).ended;
const DENSE = { hours: 3, density: 2, machines: 3 };

// What fails here is looked at with: npm run simulate -- --machines 3 --density 2 --seed SEED
it('no promise breaks where machines, their lines and Postgres come and go', async () => {
  for (let seed = 1; seed <= 4; seed += 1) {
    const { violation, runs } = await simulateMachines({ ...DENSE, seed });
    expect({ seed, violation }).toEqual({ seed, violation: null });
    expect(runs).toBeGreaterThan(0);
  }
}, 600_000);

it('gives the same story for the same seed', async () => {
  const first = await simulateMachines({ ...DENSE, seed: 5, trace: true });
  expect(await simulateMachines({ ...DENSE, seed: 5, trace: true })).toEqual(first);
  expect(first.trace.length).toBeGreaterThan(50);
}, 120_000);

/** The promises that break without it, and where the search begins: the first seed that was found. */
const MISSED: Readonly<Record<Without, { readonly breaks: readonly string[]; readonly from: number }>> = {
  lease: { breaks: ['one live worker per task', 'everything ends'], from: 10 },
  'local journal': { breaks: ['every limit holds everywhere'], from: 21 },
  'leader’s fence': { breaks: ['each effect happens once', 'one live worker per task'], from: 2 },
  checksum: { breaks: ['no byte of a log is missing'], from: 3 },
};
const MOST_SEEDS = 200;

describe('each safeguard is missed when it is taken away', () => {
  it.each(WITHOUT)('%s', async (without) => {
    const { breaks, from } = MISSED[without];
    let failed: MachinesReport | null = null;
    for (let seed = from; failed === null && seed < from + MOST_SEEDS; seed += 1) {
      const report = await simulateMachines({ ...DENSE, seed, without });
      if (report.violation !== null) failed = report;
    }
    expect(failed, `nothing broke within ${MOST_SEEDS} seeds from ${from} on`).not.toBeNull();
    expect(breaks).toContain(failed?.violation?.invariant);
    // It is the missing safeguard that did it.
    const seed = failed?.seed ?? 0;
    expect(await simulateMachines({ ...DENSE, seed })).toMatchObject({ seed, violation: null });
  }, 600_000);
});

it('by npm run simulate: sums up, and shows what fails as short as it can be told', async () => {
  const { code, out, err } = await run('--machines', '3', '--seeds', '2', '--days', '0.05', '--json');
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(out)).toMatchObject({ seeds: 2, violations: [] });
  const wrong = await run('--without', 'checksum');
  expect({ code: wrong.code, err: wrong.err }).toEqual({ code: 2, err: '"checksum" is of several machines: add --machines 3\n' });
}, 120_000);
