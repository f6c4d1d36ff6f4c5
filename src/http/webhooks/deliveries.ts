import { closeSync, constants, fsyncSync, writeSync } from 'node:fs';
import { lastOf, openPlainSync } from '../../files/open-plain.ts';
import { writeWholeSync } from '../../files/write-whole.ts';

/** One delivery as it is kept: its own number, what kind it said it is, and its signature, by which one that is sent again under another number is known. */
export interface Delivery {
  readonly id: string;
  readonly event: string;
  readonly signature: string;
  readonly at: number;
}

/** What becomes of one that is signed. `known`: the very same was here. `replayed`: somebody sends its text again as if it were another. */
export type Taken = 'new' | 'known' | 'replayed';

export interface Deliveries {
  /** On disk when it returns; throws where it cannot be written, and then it was not taken. */
  take(delivery: Delivery): Taken;
}

/** So many are remembered; GitHub itself redelivers what is at most three days old. */
const REMEMBERED = 5_000;
const MOST_BYTES = 2 * 1024 * 1024;

/** Keeps which deliveries were here in a file of its own, a line each, across restarts. */
export async function openDeliveries(path: string): Promise<Deliveries> {
  const known = new Map<string, string>();
  const lines: string[] = [];
  const remember = ({ id, signature }: Pick<Delivery, 'id' | 'signature'>, line: string): void => {
    known.set(id, signature);
    known.set(signature, id);
    lines.push(line);
    if (lines.length <= REMEMBERED) return;
    const oldest = read(lines.shift() ?? '');
    if (oldest !== null) for (const key of [oldest.id, oldest.signature]) known.delete(key);
  };
  const text = await lastOf(path, MOST_BYTES).catch(() => '');
  for (const line of text.split('\n')) {
    const delivery = read(line);
    if (delivery !== null) remember(delivery, line);
  }
  let size = Buffer.byteLength(text);
  let isWhole = text === '' || text.endsWith('\n');

  function write(line: string): void {
    if (size > MOST_BYTES || !isWhole) {
      const kept = `${[...lines, line].join('\n')}\n`;
      writeWholeSync(path, kept);
      [size, isWhole] = [Buffer.byteLength(kept), true];
      return;
    }
    const file = openPlainSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT, 0o600);
    try {
      // What is cut by a full disk is written anew before the next one.
      isWhole = false;
      writeSync(file, `${line}\n`);
      fsyncSync(file);
      isWhole = true;
      size += Buffer.byteLength(line) + 1;
    } finally {
      closeSync(file);
    }
  }

  return {
    take(delivery) {
      const { id, signature } = delivery;
      if (known.has(id)) return known.get(id) === signature ? 'known' : 'replayed';
      if (known.has(signature)) return 'replayed';
      const line = JSON.stringify(delivery);
      write(line);
      remember(delivery, line);
      return 'new';
    },
  };
}

function read(line: string): Delivery | null {
  try {
    const { id, event, signature, at } = JSON.parse(line) as Record<string, unknown>;
    if (typeof id !== 'string' || typeof signature !== 'string') return null;
    return { id, event: String(event), signature, at: Number(at) };
  } catch {
    return null;
  }
}
