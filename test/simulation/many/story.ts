import type { Incident } from '../incidents/incidents.ts';
import type { Trouble } from '../machines/incidents.ts';
import { WITHOUT, type Without } from '../machines/safeguards.ts';
import { simulateMachines } from '../machines/simulate.ts';
import { SAFEGUARDS, type Safeguard } from '../safeguards.ts';
import { simulate } from '../simulate.ts';
import type { Common } from './many.ts';
import { type Shrinkable, shrink } from './shrink.ts';

/** What was played, whichever world it was in. */
export interface Played<I = { readonly at: number }> extends Shrinkable<I> {
  readonly trace: readonly string[];
  readonly runs: number;
  readonly ticks: number;
  readonly statements: number;
}

export interface Story {
  play(seed: number): Promise<Played>;
  /** The same story, step by step; where it breaks a promise, the shortest that breaks it. `all`: how much went wrong at first. */
  replay(seed: number): Promise<{ readonly told: Played; readonly all: number }>;
}

const HOURS = 24;

/** The stories of one machine, or of several. */
export function storyOf({ days, density, without, races, logins, machines }: Common): Story {
  if (machines > 0) {
    const taken = isOne(WITHOUT, without) ? (without as Without) : null;
    const options = { hours: days * HOURS, machines, density, without: taken };
    return story<Trouble>((seed, more) =>
      simulateMachines({ ...options, seed, ...more }).then((report) => ({ ...report, ticks: report.steps, statements: 0 })),
    );
  }
  const taken = isOne(SAFEGUARDS, without) ? (without as Safeguard) : null;
  return story<Incident>((seed, more) => simulate({ days, density, without: taken, races, logins, seed, ...more }));
}

export const isOne = (names: readonly string[], name: string | null): boolean => name !== null && names.includes(name);

function story<I extends { readonly at: number }>(
  play: (seed: number, more: { readonly incidents?: readonly I[]; readonly trace?: boolean }) => Promise<Played<I>>,
): Story {
  return {
    play: (seed) => play(seed, {}),
    async replay(seed) {
      const report = await play(seed, {});
      const least = report.violation === null ? report : await shrink<I, Played<I>>(report, (incidents) => play(seed, { incidents }));
      return { told: await play(seed, { incidents: least.incidents, trace: true }), all: report.incidents.length };
    },
  };
}
