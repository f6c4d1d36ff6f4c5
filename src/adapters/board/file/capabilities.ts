import { mkdir } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Exchanger } from './exchange.ts';
import { discard, targetOf, writeBeside } from './file.ts';
import type { WriteWay } from './swap.ts';

/** How the board can be written here, for `doctor`. */
export interface Capabilities {
  readonly way: WriteWay;
  /** No save can be lost, whenever it comes. */
  readonly lossless: boolean;
  readonly message: string;
}

/** Tries whether two files beside the board can change places; what is found out holds for the writes that follow. */
export async function probe(path: string, way: { now: WriteWay }, exchange: Exchanger['exchange']): Promise<Capabilities> {
  const target = await targetOf(path);
  await mkdir(dirname(target), { recursive: true });
  if (way.now === 'exchange' && !(await canExchange(target, exchange))) way.now = 'rename';
  const name = basename(path);
  const words: Readonly<Record<WriteWay, string>> = {
    exchange: `${name} is replaced by an atomic exchange: no save can be lost`,
    rename:
      'no atomic exchange here (it needs Linux, perl and a file system that supports it): a save at the very moment of a write can be lost',
    'in-place': `${name} is a mount or has several names and is written in place: a save at the very moment of a write can be lost`,
  };
  return { way: way.now, lossless: way.now === 'exchange', message: words[way.now] };
}

async function canExchange(target: string, exchange: Exchanger['exchange']): Promise<boolean> {
  const one = await writeBeside(target, '1', null);
  const two = await writeBeside(target, '2', null);
  try {
    return (await exchange(one, two)) === 'done';
  } finally {
    await discard(one);
    await discard(two);
  }
}
