import type { Ms } from '../../../src/core/model/seen.ts';
import { DAY, HOUR } from '../incidents/incidents.ts';
import type { Random } from '../random.ts';

/** Of each login the times at which nothing is left of what its provider lets it have. */
export interface Providers {
  /** When the limit ends that is on it now; null: none is. */
  readonly limitedUntil: (login: string | undefined, now: Ms) => Ms | null;
}

interface Window {
  readonly from: Ms;
  readonly to: Ms;
}

/** A limit or two on each day, of each login at other hours. */
export function createProviders(random: (login: string) => Random, from: Ms, days: number): Providers {
  const windows = new Map<string, readonly Window[]>();
  const windowsOf = (login: string): readonly Window[] => {
    const known = windows.get(login);
    if (known !== undefined) return known;
    const draw = random(login);
    const all: Window[] = [];
    for (let at = from + draw.between(HOUR, 8 * HOUR); at < from + days * DAY; at += draw.between(6 * HOUR, 20 * HOUR)) {
      const to = at + draw.between(HOUR, 5 * HOUR);
      all.push({ from: at, to });
      at = to;
    }
    windows.set(login, all);
    return all;
  };
  return {
    limitedUntil: (login = 'default', now) => windowsOf(login).find(({ from: begin, to }) => begin <= now && now < to)?.to ?? null,
  };
}
