import { PortError } from '../../../engine/ports/error.ts';
import type { Git } from '../call/git.ts';
import { bytes, type Repository, utf8 } from './repository.ts';

/** Words of git under LC_ALL=C: it keeps refs as files, and beside one of a name there is none whose name goes on below. */
const IN_THE_WAY = /'(refs\/[^'\n]+)' exists; cannot create '(refs\/[^'\n]+)'/;
const ASIDE = 'refs/tac8/aside/';

/**
 * Does it once more where another ref stood in the way of one of `ours`, which nobody but tac8 names so: that one is kept under `refs/tac8/aside/`.
 * `inUse`: checked out by somebody, and left where it is.
 */
export async function besideNames<T>(
  { git, repository }: { readonly git: Git; readonly repository: Repository },
  ours: (ref: string) => boolean,
  work: () => Promise<T>,
  inUse: (ref: string) => Promise<boolean> = async () => false,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const [, , wanted = ''] = (error instanceof PortError ? IN_THE_WAY.exec(error.message) : null) ?? [];
    if (wanted === '' || !ours(wanted) || !(await moveAside(git, repository, wanted, inUse))) throw error;
    return work();
  }
}

async function moveAside(git: Git, { root }: Repository, wanted: string, inUse: (ref: string) => Promise<boolean>): Promise<boolean> {
  const { stdout } = await git(['for-each-ref', '--format=%(objectname) %(refname)', `${wanted}/`], { cwd: root });
  const refs = [...utf8(stdout).matchAll(/^([0-9a-f]+) (.+)$/gm)].map(([, id = '', name = '']) => ({ id, name }));
  if (refs.length === 0) return false;
  for (const { name } of refs) if (await inUse(name)) return false;
  const lines = refs.map(({ id, name }) => `update ${ASIDE}${name.slice('refs/'.length)}\0${id}\0\0delete ${name}\0${id}\0`);
  await git(['update-ref', '--no-deref', '-z', '--stdin'], { cwd: root, input: bytes(lines.join('')) });
  return true;
}
