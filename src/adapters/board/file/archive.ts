import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { LeftBlock } from '../../../core/board/show/applied.ts';
import { appendPlain, readPlainSync } from '../../../files/open-plain.ts';
import { codeOf, fault } from './file.ts';

/**
 * Adds the lines of completed and failed tasks that leave the board to the month's file, with what people wrote below them. Written before
 * the board is, so a crash in between repeats it: what stands there already is not added again.
 */
export async function archiveBlocks(folder: string, now: string, left: readonly LeftBlock[]): Promise<void> {
  const blocks = left.filter((block) => block.section === 'completed' || block.section === 'failed');
  if (blocks.length === 0) return;
  const path = join(folder, `tasks-${now.slice(0, 7)}.md`);
  try {
    await mkdir(folder, { recursive: true });
    const known = readOr(path, '');
    const fresh = blocks
      .map((block) => (block.text.endsWith('\n') ? block.text : `${block.text}\n`))
      .filter((text) => !known.includes(text));
    if (fresh.length > 0) await appendPlain(path, fresh.join(''));
  } catch (error) {
    throw fault(error, path, 'write');
  }
}

/** Bytes; a month of done tasks has a few hundred thousand. */
const MOST = 64 << 20;

function readOr(path: string, otherwise: string): string {
  try {
    return readPlainSync(path, MOST);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return otherwise;
    throw error;
  }
}
