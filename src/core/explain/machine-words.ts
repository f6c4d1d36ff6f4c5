import { type MachineTold, silenceOfMachine } from '../limits/machines-seen.ts';
import type { Ms } from '../model/seen.ts';
import { age } from '../words/span.ts';

const GIB = 1024 ** 3;

/** A machine in a line, without its name. `own`: the version that it is held against; null: none. */
export function machineWords(machine: MachineTold, now: Ms, own: string | null): string {
  const silence = silenceOfMachine(machine, now);
  const { runs, slots, labels, loadPerCore, freeDiskBytes, freeMemoryBytes, version } = machine;
  return [
    silence === null ? 'answers' : `silent for ${age(silence)}: what runs there is unknown`,
    ...(machine.forgotten ? ['was given up'] : []),
    ...(machine.draining ? ['is given nothing more'] : []),
    ...(machine.broken === null ? [] : [machine.broken]),
    `${runs.length} of ${slots} slots in use`,
    ...(labels.length === 0 ? [] : [labels.join(', ')]),
    `load ${loadPerCore.toFixed(1)} a core`,
    `${(freeMemoryBytes / GIB).toFixed(1)} GiB of memory and ${(freeDiskBytes / GIB).toFixed(0)} GiB of disk free`,
    own === null || own === version ? version : `${version}, and this is ${own}`,
  ].join(' · ');
}
