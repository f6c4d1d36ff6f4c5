import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** Set for all that Node opens itself: nothing that it starts has it. */
const ITS_OWN = 0o2000000;

/**
 * Closes what this process was started with besides its three streams. Node keeps the first ones to itself, but not one of a higher number, as a script
 * has with `exec 200>lock`: each worker would have it as well, in its box, and through a folder of the machine the machine. `words`: one that is
 * named there (`/dev/fd/63`, as a shell hands on what a command says) is read yet.
 */
export function closeInherited(words: readonly string[] = process.argv): void {
  const named = new Set([...words.join(' ').matchAll(/\/fd\/(\d+)\b/g)].map(([, number]) => number));
  for (const number of descriptors()) {
    if (Number(number) <= 2 || named.has(number) || isOwn(number)) continue;
    try {
      closeSync(Number(number));
    } catch {
      // It is closed.
    }
  }
}

function descriptors(): readonly string[] {
  try {
    return readdirSync('/proc/self/fd');
  } catch {
    return []; // no Linux: there is no box there either
  }
}

function isOwn(number: string): boolean {
  try {
    const [, flags = ''] = /^flags:\s*(\d+)/m.exec(readFileSync(`/proc/self/fdinfo/${number}`, 'latin1')) ?? [];
    return (Number.parseInt(flags, 8) & ITS_OWN) !== 0;
  } catch {
    return true; // it was that of the look itself
  }
}
