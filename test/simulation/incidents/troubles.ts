import type { Ms } from '../../../src/core/model/seen.ts';
import { PortError } from '../../../src/engine/ports/error.ts';
import type { CallGroup, Incident } from './incidents.ts';
import type { Timeline } from './timeline.ts';

/** What a call meets at this moment. */
export interface Met {
  readonly delay: Ms;
  /** Never answers by itself: only its adapter's time limit ends it. */
  readonly hangs: boolean;
  /** Refused before anything is done. */
  readonly error: PortError | null;
  /** Done, but the answer does not come back. */
  readonly isLost: boolean;
}

export type Window = Extract<Incident, { readonly lasts: Ms }>;

/** The faults that are in force now. */
export interface Troubles {
  begin(incident: Window | Extract<Incident, { kind: 'lost' | 'crash' }>): void;
  meet(call: string): Met;
  /** Between any two steps of the engine: whether the daemon dies here. Answers for how long it stays down. */
  cross(call: string): Ms | null;
  /** How often calls that begin like this were refused, or did not answer in time. */
  refused(call: string): number;
  /** Whether such a call cannot get through now. */
  refuses(call: string): boolean;
  is(kind: 'partial' | 'blind' | 'deaf' | 'short-of-memory'): boolean;
  /** Something is wrong, so that no bound on tac8's own time holds. */
  any(): boolean;
  end(kind: Window['kind']): void;
  endAll(): void;
}

const NOTHING: Met = { delay: 0, hangs: false, error: null, isLost: false };

export function createTroubles(timeline: Timeline): Troubles {
  let windows: Window[] = [];
  let lost: { readonly on: CallGroup; left: number }[] = [];
  const turnedAway = new Map<string, number>();
  let crashes: { readonly on: string; left: number; readonly down: Ms }[] = [];
  const meets = (on: CallGroup, call: string): boolean => call.startsWith(on);

  return {
    begin(incident) {
      if (incident.kind === 'crash') crashes.push({ on: incident.on, left: incident.skip, down: incident.down });
      else if (incident.kind === 'lost') lost.push({ on: incident.on, left: incident.times });
      else {
        windows.push(incident);
        timeline.after(incident.lasts, () => {
          windows = windows.filter((window) => window !== incident);
        });
      }
    },
    meet(call) {
      if (windows.length === 0 && lost.length === 0) return NOTHING;
      let met = NOTHING;
      for (const window of windows) if ('on' in window && meets(window.on, call)) met = add(met, window, call, timeline.wall());
      if (met.error !== null || met.hangs) turnedAway.set(call, (turnedAway.get(call) ?? 0) + 1);
      const taken = lost.find(({ on, left }) => left > 0 && meets(on, call));
      if (taken !== undefined && met.error === null && !met.hangs) {
        taken.left -= 1;
        if (taken.left === 0) lost = lost.filter((one) => one !== taken);
        met = { ...met, isLost: true };
      }
      return met;
    },
    cross(call) {
      if (crashes.length === 0) return null;
      const met = crashes.filter(({ on }) => call.startsWith(on));
      for (const crash of met) crash.left -= 1;
      const due = met.find(({ left }) => left < 0);
      if (due === undefined) return null;
      crashes = crashes.filter((crash) => crash !== due);
      return due.down;
    },
    refused: (call) => [...turnedAway].reduce((sum, [name, times]) => sum + (name.startsWith(call) ? times : 0), 0),
    refuses: (call) => windows.some((window) => (window.kind === 'refuse' || window.kind === 'hang') && meets(window.on, call)),
    is: (kind) => windows.some((window) => window.kind === kind),
    any: () => windows.length > 0,
    end(kind) {
      windows = windows.filter((window) => window.kind !== kind);
    },
    endAll() {
      windows = [];
      lost = [];
      crashes = [];
    },
  };
}

function add(met: Met, window: Window, call: string, now: Ms): Met {
  switch (window.kind) {
    case 'slow':
      return { ...met, delay: met.delay + window.by };
    case 'hang':
      return { ...met, hangs: true };
    case 'refuse': {
      const until = window.sort === 'limited' ? { until: now + 5 * 60_000 } : {};
      return { ...met, error: new PortError(window.sort, `${call} was refused`, until) };
    }
    default:
      return met;
  }
}
