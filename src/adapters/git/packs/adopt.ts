import { randomUUID } from 'node:crypto';
import { chmod, copyFile, open, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Git } from '../call/git.ts';
import { withIncoming } from '../repository/incoming.ts';
import type { Repository } from '../repository/repository.ts';

/** What one take-over may bring. */
export const MOST_BYTES = 1024 * 1024 * 1024;
const MOST_OBJECTS = 1_000_000;
/** An object of a few bytes can be told as so many copies of another one that no memory holds it. Whole files beyond git's own bound are not held in memory. */
const MEMORY = { GIT_ALLOC_LIMIT: '1g' };
/** So little is written as single objects, as a fetch of git's has it; more stays a pack. */
const [FEW, SMALL] = [100, 8 * 1024 * 1024];

/**
 * Takes the objects of a pack that a stranger made: git computes the name of each from its content, looks at its form, and at what it names being
 * there. What is here already stays as it is. Throws where one is not as it should be; nothing of the pack counts then.
 */
export async function adoptPack(git: Git, repository: Repository, pack: string): Promise<void> {
  const { root, commonDir } = repository;
  const { size, objects } = await headerOf(pack);
  if (objects === 0) return;
  if (objects > MOST_OBJECTS || size > MOST_BYTES)
    throw new Error(`${objects} objects in ${size} bytes are more than is taken over at once`);
  if (objects < FEW && size < SMALL) {
    await git(['unpack-objects', '--strict', '-q'], { cwd: root, env: MEMORY, input: await readFile(pack, 'latin1') });
    return;
  }
  await withIncoming(repository, async (objects) => {
    const env = { ...MEMORY, GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: join(commonDir, 'objects') };
    const made = join(objects, 'pack', 'new');
    const { stdout } = await git(['index-pack', '--strict', '-o', `${made}.idx`, pack], { cwd: root, env });
    await intoFolder(pack, join(objects, 'pack'), 'new.pack');
    const name = join(objects, 'pack', `pack-${/[0-9a-f]{40,64}/.exec(stdout)?.[0] ?? randomUUID()}`);
    for (const file of await readdir(join(objects, 'pack')))
      await rename(join(objects, 'pack', file), `${name}${file.slice(file.indexOf('.'))}`);
  });
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
