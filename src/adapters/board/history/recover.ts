import { readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { BoardBase } from '../../../core/board/line/base.ts';
import { versionOf } from '../../../core/board/text/version.ts';
import type { DisplacedFiles } from '../file/displaced.ts';
import { discard, readNow, tempPrefix } from '../file/file.ts';
import type { VersionStore } from './versions.ts';

interface Remains {
  readonly target: string;
  readonly base: BoardBase;
  readonly displaced: DisplacedFiles;
  readonly versions: VersionStore;
  readonly keep: (text: string) => Promise<void>;
}

/** What a crash left beside the board and among the replaced files. A text that is known stands in the board; any other is kept. */
export async function clearRemains({ target, base, displaced, versions, keep }: Remains): Promise<void> {
  const folder = dirname(target);
  const found = [...(await displaced.leftovers())];
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const seen = name.startsWith(tempPrefix(target)) ? await readNow(path) : null;
    if (seen !== null) found.push({ path, text: seen.text });
  }
  for (const { path, text } of found) {
    const known = [base.text, base.next?.text, ...versions.get(versionOf(text) ?? '')];
    if (text !== '' && !known.includes(text)) await keep(text);
    await discard(path);
  }
}
