import { randomUUID } from 'node:crypto';
import { chmod, copyFile, lstat, mkdir, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { removeFolder } from '../../../files/remove-folder.ts';
import type { Git } from '../call/git.ts';
import type { Repository } from '../repository/repository.ts';

/** What one take-over may bring. */
export const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_OBJECTS = 1_000_000;
/** So little is written as single objects, as a fetch of git's has it; more stays a pack. */
const [FEW, SMALL] = [100, 8 * 1024 * 1024];

/** git's own sweep of such folders knows other names. */
const INCOMING = 'incoming-tac8-';
/** Longer than a take-over lasts: the daemon of another checkout of the same repository may be at one. */
const LEFT_AFTER = 60 * 60_000;

/** Removes what a daemon that was killed in a take-over has left beside the objects; answers how many there were. */
export async function removeLeftPacks({ commonDir }: Repository): Promise<number> {
  const shared = join(commonDir, 'objects');
  const names = (await readdir(shared).catch((): string[] => [])).filter((name) => name.startsWith(INCOMING));
  let removed = 0;
  for (const name of names) {
    const made = (await lstat(join(shared, name)).catch(() => null))?.mtimeMs ?? Number.POSITIVE_INFINITY;
    if (Date.now() - made < LEFT_AFTER) continue;
    await removeFolder(join(shared, name));
    removed += 1;
  }
  return removed;
}

/**
 * Takes the objects of a pack that a stranger made: git computes the name of each from its content, looks at its form, and at what it names being
 * there. What is here already stays as it is. Throws where one is not as it should be; nothing of the pack counts then.
 */
export async function adoptPack(git: Git, { root, commonDir }: Repository, pack: string): Promise<void> {
  const { size, objects } = await headerOf(pack);
  if (objects === 0) return;
  if (objects > MOST_OBJECTS || size > MOST_BYTES)
    throw new Error(`${objects} objects in ${size} bytes are more than is taken over at once`);
  if (objects < FEW && size < SMALL) {
    await git(['unpack-objects', '--strict', '-q'], { cwd: root, input: await readFile(pack, 'latin1') });
    return;
  }
  const shared = join(commonDir, 'objects');
  const aside = join(shared, `${INCOMING}${randomUUID()}`);
  try {
    await mkdir(join(aside, 'pack'), { recursive: true });
    const env = { GIT_OBJECT_DIRECTORY: aside, GIT_ALTERNATE_OBJECT_DIRECTORIES: shared };
    const { stdout } = await git(['index-pack', '--strict', '-o', join(aside, 'pack/new.idx'), pack], { cwd: root, env });
    const name = `pack-${/[0-9a-f]{40,64}/.exec(stdout)?.[0] ?? randomUUID()}`;
    await mkdir(join(shared, 'pack'), { recursive: true });
    await intoFolder(pack, join(aside, 'pack'), 'new.pack');
    // The index comes last: git looks for a pack by it.
    const made = (await readdir(join(aside, 'pack'))).toSorted((a, b) => Number(a.endsWith('.idx')) - Number(b.endsWith('.idx')));
    for (const file of made) await rename(join(aside, 'pack', file), join(shared, 'pack', `${name}${file.slice(file.indexOf('.'))}`));
  } finally {
    await removeFolder(aside);
  }
}

/** A copy: ours may lie on another disk. */
async function intoFolder(file: string, folder: string, name: string): Promise<void> {
  await copyFile(file, join(folder, name));
  await chmod(join(folder, name), 0o444);
}

async function headerOf(pack: string): Promise<{ readonly size: number; readonly objects: number }> {
  const file = await open(pack, 'r');
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(12), 0, 12, 0);
    if (bytesRead < 12 || buffer.toString('latin1', 0, 4) !== 'PACK') throw new Error('it is no pack of git');
    return { size, objects: buffer.readUInt32BE(8) };
  } finally {
    await file.close();
  }
}
