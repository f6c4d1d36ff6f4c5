import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';

/** What of a process can hold a word: its environment, its arguments, its memory. */
const PLACES = ['environ', 'cmdline', 'mem'] as const;
const STRETCH = 4 << 20;

/** `PID place` for all processes in the process namespace of one that hold the text. A process that ends meanwhile holds nothing. */
export function processesHolding(pid: number, text: string): readonly string[] {
  const space = readlinkSync(`/proc/${pid}/ns/pid`);
  const here = readlinkSync('/proc/self/ns/pid');
  const all = space === here ? [String(pid)] : readdirSync('/proc').filter((name) => /^\d+$/.test(name) && spaceOf(name) === space);
  const wanted = Buffer.from(text);
  return all.flatMap((one) => PLACES.filter((place) => holds(one, place, wanted)).map((place) => `${one} ${place}`));
}

function spaceOf(pid: string): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return ''; // it has ended
  }
}

function holds(pid: string, place: (typeof PLACES)[number], wanted: Buffer): boolean {
  try {
    if (place !== 'mem') return readFileSync(`/proc/${pid}/${place}`).includes(wanted);
    return inMemory(pid, wanted);
  } catch {
    return false; // it has ended
  }
}

/** In what it may write: a word that it was given stands nowhere else. */
function inMemory(pid: string, wanted: Buffer): boolean {
  const ranges = readFileSync(`/proc/${pid}/maps`, 'utf8').matchAll(/^([0-9a-f]+)-([0-9a-f]+) rw/gm);
  const memory = openSync(`/proc/${pid}/mem`, 'r');
  const bytes = Buffer.alloc(STRETCH + wanted.length);
  try {
    for (const [, from = '0', to = '0'] of ranges) {
      const end = Number.parseInt(to, 16);
      for (let at = Number.parseInt(from, 16); at < end; at += STRETCH) {
        const length = Math.min(bytes.length, end - at);
        if (bytes.subarray(0, readOr0(memory, bytes, length, at)).includes(wanted)) return true;
      }
    }
    return false;
  } finally {
    closeSync(memory);
  }
}

/** Some stretches cannot be read. */
function readOr0(file: number, bytes: Buffer, length: number, at: number): number {
  try {
    return readSync(file, bytes, 0, length, at);
  } catch {
    return 0;
  }
}
