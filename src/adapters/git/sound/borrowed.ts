import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { readPlainText } from '../view/files.ts';
import { type Hands, leadsTo } from './hands.ts';

/** Below git's folder. */
const NAMED = 'objects/info/alternates';
/** Git itself follows no more than five from one to the next. */
const MOST_STORES = 32;
const MOST_TEXT = 64 * 1024;

/**
 * Git looks for what is not here in the folders of objects that a file names, and every worker can write that file. What would hold git there is let
 * go of, and nothing is borrowed from there any more. A person's own loan, as a clone with `--reference` has it, holds nobody.
 */
export async function mendBorrowed(folder: string, hands: Hands, known: Set<string>): Promise<void> {
  // A git that read the loan before it was moved aside may come there only now.
  for (const path of known) hands.letGo(path);
  const stores = await storesNamed(join(folder, 'objects'));
  for (const store of stores.slice(0, MOST_STORES)) {
    for (const more of await storesNamed(store)) if (!stores.includes(more)) stores.push(more);
    const holds = await whatHolds(store);
    if (holds.length === 0) continue;
    await hands.attempt(async () => {
      await hands.takeAway(NAMED, `a loan from ${store}, where ${holds[0]} holds whoever opens it`);
    });
    for (const path of holds) {
      if (known.size < MOST_STORES) known.add(path);
      hands.letGo(path);
    }
    return;
  }
}

async function storesNamed(objects: string): Promise<string[]> {
  const text = await readPlainText(join(objects, 'info/alternates'), MOST_TEXT).catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => resolve(objects, line));
}

/** Named pipes and the like, where git opens what it finds by its name. */
async function whatHolds(store: string): Promise<readonly string[]> {
  const names = await readdir(store).catch(() => []);
  const found: string[] = [];
  for (const folder of names.filter((name) => /^(?:[0-9a-f]{2}|pack|info)$/.test(name)))
    for (const name of await readdir(join(store, folder)).catch(() => [])) {
      const at = leadsTo(join(store, folder, name));
      if (at !== null && !at.isFile() && !at.isDirectory()) found.push(join(store, folder, name));
    }
  return found;
}
