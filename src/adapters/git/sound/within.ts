import { lstatSync } from 'node:fs';
import { lstat, mkdir, readdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openPlain } from '../../../files/open-plain.ts';
import { absent, kindOf, readPlain } from '../view/files.ts';
import { type Hands, leadsTo } from './hands.ts';
import { isRefText } from './parts.ts';

/** Not gone into: repositories of submodules, files of git-lfs, programs that nothing here starts. */
const OTHERS = new Set(['modules', 'lfs', 'hooks', 'tac8-aside', 'tac8-door']);
const MOST_SEEN = 500_000;
const MOST_REF = 4096;
const MOST_LOG = 16 * 1024 * 1024;
const OBJECT = /^objects\/(?:[0-9a-f]{2}\/[0-9a-f]{38,62}|pack\/pack-[0-9a-f]{40,64}\.\w+)$/;
const NO_COMMIT = /^0+$/;
/** Of another task's worktree: each git that makes a worktree or lists them reads these of all. */
const OF_TREES = /^worktrees\/[^/]+\/(?:HEAD|commondir|gitdir)$/;
const MOST_OF_TREE = 4 * 4096;

/** Git opens whatever is in its folder by name, and waits for a named pipe for ever. Refs that say nothing go, too: git refuses to move them. */
export async function mendWithin(folder: string, hands: Hands): Promise<void> {
  const refs: string[] = [];
  let seen = 0;
  const walk = async (below: string): Promise<void> => {
    // A folder that another git has just removed is as if it had not been there.
    for (const entry of await readdir(join(folder, below), { withFileTypes: true }).catch(absent([]))) {
      seen += 1;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (seen > MOST_SEEN || OTHERS.has(path)) continue;
      if (entry.isDirectory() && (OBJECT.test(path) || OF_TREES.test(path))) {
        await hands.attempt(() => hands.takeAway(path, 'a folder where a file belongs'));
      } else if (entry.isDirectory()) {
        const found = lstatSync(join(folder, path), { throwIfNoEntry: false });
        await hands.attempt(async () => found !== undefined && hands.unlock(join(folder, path), found));
        await hands.attempt(() => walk(path));
      } else if (entry.isFile()) {
        if (path.startsWith('refs/')) refs.push(path);
        else if (OF_TREES.test(path)) await hands.attempt(() => mendOfTree(folder, hands, path));
        else if (path.startsWith('logs/refs/')) await hands.attempt(() => mendLog(folder, hands, path));
        else if (/^objects\/(?:[0-9a-f]{2}|pack|info)$/.test(path)) await hands.attempt(() => hands.takeAway(path, 'no folder'));
      } else if (!entry.isSymbolicLink() || !isUsable(leadsTo(join(folder, path)))) {
        await hands.attempt(() => hands.takeAway(path, entry.isSymbolicLink() ? 'a link to nothing' : 'no plain file'));
      } else if (path.startsWith('refs/')) refs.push(path);
    }
  };
  await walk('');
  for (const ref of refs) await hands.attempt(() => mendRef(folder, hands, ref));
}

async function mendOfTree(folder: string, hands: Hands, path: string): Promise<void> {
  const { size } = await lstat(join(folder, path));
  if (size === 0 || size > MOST_OF_TREE) await hands.takeAway(path, size === 0 ? 'empty' : 'larger than a name');
}

const isUsable = (found: ReturnType<typeof leadsTo>): boolean => found !== null && (found.isFile() || found.isDirectory());

async function mendRef(folder: string, hands: Hands, ref: string): Promise<void> {
  const at = join(folder, ref);
  const found = leadsTo(at);
  if (found?.isFile() !== true || ref.endsWith('.lock')) return;
  hands.unlock(at, found);
  const text = found.size > MOST_REF ? '' : (await readPlain(at, MOST_REF)).toString('latin1');
  if (!isRefText(text)) {
    await hands.takeAway(ref, 'no ref');
    await branchesFromLogs(folder, hands, ref);
  } else if ((await kindOf(join(folder, 'logs', ref))) === 'folder')
    await hands.takeAway(`logs/${ref}`, 'a folder, and a ref is called so');
}

/** A folder has to be there where the names of refs go on below, or no git writes into it. */
async function mendLog(folder: string, hands: Hands, log: string): Promise<void> {
  const isLog = LOG.test(await startOf(join(folder, log)));
  if (!isLog || (await kindOf(join(folder, log.slice('logs/'.length)))) === 'folder') await hands.takeAway(log, 'no log of a ref');
}

const LOG = /^(?:$|[0-9a-f]{40,64} [0-9a-f]{40,64} )/;

export async function startOf(path: string): Promise<string> {
  const file = await openPlain(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(200), 0, 200, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** The branch of this name, or those whose names begin with it, where they stood last as their logs say. Nobody else keeps that. */
export async function branchesFromLogs(folder: string, hands: Hands, ref: string): Promise<void> {
  if (ref !== 'refs/heads' && !ref.startsWith('refs/heads/')) return;
  const log = join(folder, 'logs', ref);
  const kind = await kindOf(log);
  if (kind === 'folder') for (const name of await readdir(log)) await branchesFromLogs(folder, hands, `${ref}/${name}`);
  if (kind !== 'file' || (await kindOf(join(folder, ref))) !== 'missing') return;
  const lines = (await readPlain(log, MOST_LOG)).toString('latin1').trimEnd();
  const commit = /^[0-9a-f]{40,64} ([0-9a-f]{40,64}) /.exec(lines.slice(lines.lastIndexOf('\n') + 1))?.[1];
  if (commit === undefined || NO_COMMIT.test(commit)) return;
  await mkdir(dirname(join(folder, ref)), { recursive: true });
  await hands.write(ref, `${commit}\n`);
}
