import type { MachineSeen } from '../../adapters/machines/register.ts';
import { SILENT_AFTER_MS } from '../../core/limits/machines-seen.ts';
import type { Ms } from '../../core/model/seen.ts';

interface Silence {
  /** When it was first seen silent, without a gap since. */
  readonly from: Ms;
  readonly last: Ms;
}

/** Between two looks at the machines; where more lies between, nobody knows who was silent meanwhile. */
const GAP_MS = 60_000;

/**
 * Which machines have been silent for so long that they are given up. Counted only while Postgres answers here: after an outage for all, each has
 * the whole time to be heard again.
 */
export function watchSilence(forgetAfter: Ms): (machines: readonly MachineSeen[], steady: Ms) => readonly string[] {
  const silences = new Map<string, Silence>();
  return (machines, steady) => {
    for (const { name, silentMs } of machines) {
      const before = silences.get(name);
      if (silentMs <= SILENT_AFTER_MS) silences.delete(name);
      else if (before === undefined || steady - before.last > GAP_MS) silences.set(name, { from: steady, last: steady });
      else silences.set(name, { from: before.from, last: steady });
    }
    return machines
      .filter(({ name, runs, forgotten }) => {
        const silence = silences.get(name);
        return silence !== undefined && !forgotten && runs.length > 0 && SILENT_AFTER_MS + steady - silence.from >= forgetAfter;
      })
      .map(({ name }) => name);
  };
}
