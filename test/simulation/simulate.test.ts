import { describe, expect, it } from 'vitest';
import { startProgram } from '../support/world/program.ts';
import type { Incident } from './incidents/incidents.ts';
import { shrink } from './many/shrink.ts';
import { type Report, simulate } from './simulate.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
/** The same command as `npm run simulate --`. */
const run = (...args: string[]) =>
  startProgram([process.execPath, 'scripts/long/simulate.ts', ...args], { cwd: ROOT, env: { PATH: process.env.PATH ?? '' } }).ended;

describe('no promise breaks in made-up days full of faults', () => {
  // What fails here is looked at with: npm run simulate -- --days DAYS --density DENSITY --seed SEED
  it.each([
    { days: 2, density: 1, from: 1, seeds: 12 },
    { days: 1, density: 4, from: 1, seeds: 8 },
    // With the week below twelve weeks in all; more are played by hand (`npm run simulate`).
    { days: 7, density: 1, from: 9_001, seeds: 7 },
  ])('$seeds seeds from $from on: $days days, $density times as much as on common days', async ({ days, density, from, seeds }) => {
    for (let seed = from; seed < from + seeds; seed += 1) {
      const { violation, runs, ticks, statements } = await simulate({ seed, days, density });
      expect({ seed, violation }).toEqual({ seed, violation: null });
      expect(runs).toBeGreaterThan(0);
      expect(ticks).toBeGreaterThan(100);
      expect(statements).toBeGreaterThan(1_000);
    }
  }, 600_000);

  it('a week holds 50 faults and more', async () => {
    const { incidents, violation } = await simulate({ seed: 8, days: 7 });
    expect(violation).toBeNull();
    expect(incidents.filter(({ kind }) => kind !== 'issues' && kind !== 'merge').length).toBeGreaterThanOrEqual(50);
  }, 120_000);
});

describe('a seed', () => {
  it('tells the same story again, whatever was told before', async () => {
    const options = { seed: 5, days: 2, trace: true } as const;
    const first = await simulate(options);
    const other = await simulate({ ...options, seed: 6 });
    expect(await simulate(options)).toEqual(first);
    expect(first.trace.length).toBeGreaterThan(100);
    expect(other.trace).not.toEqual(first.trace);
  }, 120_000);

  it('tells the same with and without a trace', async () => {
    const { trace: _, ...told } = await simulate({ seed: 7, days: 1, trace: true });
    expect(await simulate({ seed: 7, days: 1 })).toEqual({ ...told, trace: [] });
  }, 120_000);
});

describe('a failing seed', () => {
  const planted = { seed: 3, days: 1, density: 4, without: 'salvage' } as const;

  it('shrinks to what is needed, and fails alike again', async () => {
    const report = await simulate(planted);
    expect(report.violation).toMatchObject({ invariant: 'no work is lost' });
    const least = await shrink<Incident, Report>(report, (incidents) => simulate({ ...planted, incidents }));
    // Some issues to work on are all that it takes.
    expect(least.incidents.length).toBeLessThanOrEqual(2);
    expect(least.violation).toMatchObject({ invariant: 'no work is lost' });
    expect(await simulate({ ...planted, incidents: least.incidents })).toEqual(least);
  }, 300_000);
});

describe('npm run simulate', () => {
  it('sums up what it played', async () => {
    const { code, out, err } = await run('--seeds', '3', '--days', '1', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(JSON.parse(out)).toMatchObject({ seeds: 3, days: 1, violations: [] });
  }, 120_000);

  it('names each seed that fails, and the command that shows it', async () => {
    const { code, out } = await run('--seeds', '2', '--days', '1', '--without', 'salvage', '--threads', '1');
    expect({ code, out }).toMatchObject({ code: 1, out: expect.stringMatching(/^seed \d: no work is lost: /) });
    const [, ...args] = /simulate -- (--seed) (\d) (--days) (1) (--without) "(salvage)"/.exec(out) ?? [];
    const shown = await run(...args);
    expect({ code: shown.code, out: shown.out }).toMatchObject({ code: 1, out: expect.stringContaining('no work is lost') });
    expect(shown.out).toMatch(/\d+ of \d+ incidents are needed for it/);
  }, 300_000);

  it.each([
    [['--seeds', 'many'], "option '--seeds <n>' argument 'many' is invalid. A whole number from 1 on is meant."],
    [['--days', '0'], "option '--days <d>' argument '0' is invalid. A number above 0 is meant."],
    [['--without', 'luck'], "option '--without <safeguard>' argument 'luck' is invalid. Allowed choices are intent record,"],
    [['--speed', '9'], "unknown option '--speed'"],
    [['9'], 'too many arguments'],
  ])(
    'refuses %j in words',
    async (args, words) => {
      const { code, out, err } = await run(...args);
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toContain(words);
      expect(err).toContain('--help');
    },
    60_000,
  );
});
