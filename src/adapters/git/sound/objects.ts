import { createHash } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createInflate } from 'node:zlib';
import { openPlain } from '../../../files/open-plain.ts';
import { absent } from '../view/files.ts';
import { type Hands, leadsTo } from './hands.ts';

/*
 * Objects themselves nobody keeps twice. What of them no git can read is moved aside, so that they can come anew: the index of a pack from the pack,
 * an object from the remote.
 */

/** Writes the index of a pack anew, at another path. */
export type IndexPack = (pack: string, to: string) => Promise<unknown>;

const PACKS = 'objects/pack';
const MOST_INDEX = 8 * 1024 ** 3;
/** The smallest: 256 counts and two sums. */
const LEAST_INDEX = 256 * 4 + 40;

/** A pack without its index is as if it were not there, with all that other tasks have committed. */
export async function mendPacks(folder: string, hands: Hands, index: IndexPack): Promise<void> {
  const names = await readdir(join(folder, PACKS)).catch(absent<string[]>([]));
  for (const name of names.filter((one) => /^pack-[0-9a-f]{40,64}\.pack$/.test(one))) {
    const path = `${PACKS}/${name.slice(0, -'.pack'.length)}.idx`;
    if (leadsTo(join(folder, PACKS, name))?.isFile() !== true) continue;
    await hands.attempt(async () => {
      const found = leadsTo(join(folder, path));
      if (found !== null) hands.unlock(join(folder, path), found);
      if (found?.isFile() === true && (await isIndex(join(folder, path)))) return;
      if (found !== null) await hands.takeAway(path, 'no index of a pack');
      const fresh = join(folder, PACKS, `tmp_tac8_${process.pid}.idx`);
      await index(join(folder, PACKS, name), fresh);
      await rename(fresh, join(folder, path));
      hands.made(path);
    });
  }
}

/** By the sum of it all that it ends with. */
async function isIndex(path: string): Promise<boolean> {
  const file = await openPlain(path);
  try {
    const { size } = await file.stat();
    if (size < LEAST_INDEX || size > MOST_INDEX) return false;
    for (const [kind, length] of [
      ['sha1', 20],
      ['sha256', 32],
    ] as const) {
      const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
      const sum = createHash(kind);
      await pipeline(file.createReadStream({ start: 0, end: size - length - 1, autoClose: false }), sum);
      if (sum.digest().equals(buffer)) return true;
    }
    return false;
  } finally {
    await file.close();
  }
}

const MOST_NAMED = 50;
/** What takes longer to read is let be: a worker can write little that unfolds into very much. */
const PATIENCE = 20_000;

/** Of single objects those that git named when it failed: to read all of them would take minutes. */
export async function mendNamed(folder: string, hands: Hands, said: string): Promise<void> {
  const ids = new Set(said.replaceAll(/([0-9a-f]{2})\/([0-9a-f]{38,62})/g, '$1$2').match(/\b(?:[0-9a-f]{40}|[0-9a-f]{64})\b/g));
  for (const id of [...ids].slice(0, MOST_NAMED)) {
    const path = `objects/${id.slice(0, 2)}/${id.slice(2)}`;
    if (leadsTo(join(folder, path))?.isFile() !== true) continue;
    await hands.attempt(async () => {
      if (!(await isObject(join(folder, path), id))) await hands.takeAway(path, 'no object of this name');
    });
  }
}

async function isObject(path: string, id: string): Promise<boolean> {
  const file = await openPlain(path);
  const sum = createHash(id.length === 40 ? 'sha1' : 'sha256');
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    await pipeline(file.createReadStream({ autoClose: false }), createInflate(), sum, { signal });
    return sum.digest('hex') === id;
  } catch {
    return signal.aborted;
  } finally {
    await file.close();
  }
}
