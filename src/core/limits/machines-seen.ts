import type { Ms } from '../model/seen.ts';

/** Another machine, as it said of itself. */
export interface MachineTold {
  readonly name: string;
  /** Its last word, by the coordinator's clock. */
  readonly heardAt: Ms;
  readonly version: string;
  readonly slots: number;
  /** Runs that it was given and that have not ended. */
  readonly runs: readonly string[];
  readonly labels: readonly string[];
  readonly loadPerCore: number;
  readonly freeDiskBytes: number;
  readonly freeMemoryBytes: number;
  readonly draining: boolean;
  readonly forgotten: boolean;
  /** Why it takes nothing for a while; null: it takes what fits. */
  readonly broken: string | null;
}

/** What the daemon last heard of the machines that work for it; stored under the fact `machines`. */
export interface MachinesFact {
  readonly at: Ms;
  readonly machines: readonly MachineTold[];
  /** Why nothing could be heard at that time; null: all could be. */
  readonly unheard: string | null;
}

export const MACHINES_FACT = 'machines';

/** A machine that was not heard of for so long is taken to be away. Its runs are unknown then, neither lost nor started elsewhere. */
export const SILENT_AFTER_MS: Ms = 30_000;
/** What was written down is so old at most, as long as somebody writes. */
const WRITTEN_EVERY_MS: Ms = 10_000;

/** For how long nothing has been heard of a machine; null: it answers. */
export const silenceOfMachine = ({ heardAt }: Pick<MachineTold, 'heardAt'>, now: Ms): Ms | null =>
  now - heardAt > SILENT_AFTER_MS ? now - heardAt : null;

/** Whether the later one says more than that time went by. */
export function isNews(before: MachinesFact | null, now: MachinesFact): boolean {
  if (before === null || now.at - before.at >= WRITTEN_EVERY_MS) return true;
  const gist = ({ machines, unheard }: MachinesFact): string =>
    JSON.stringify([
      unheard,
      machines.map(({ name, version, slots, runs, draining, forgotten, broken }) => [
        ...[name, version, slots, runs, draining, forgotten, broken],
      ]),
    ]);
  return gist(before) !== gist(now);
}
