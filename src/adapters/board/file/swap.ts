import { link, rename } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { messageOf } from '../../../core/words/message-of.ts';
import { PortError } from '../../../engine/ports/error.ts';
import { encode } from './bytes.ts';
import type { Exchanger } from './exchange.ts';
import {
  codeOf,
  discard,
  fault,
  type Patience,
  readNow,
  readSettled,
  readWhole,
  type Snapshot,
  statNow,
  withFile,
  writeBeside,
} from './file.ts';

/** What to do with a file that came out changed: the text to write instead, or `hold` to put it back as it was. */
export type Reconcile = (cameOut: string, expected: string | null, written: string) => string | 'hold';

export interface Swap {
  readonly target: string;
  readonly exchange: Exchanger['exchange'];
  readonly patience: Patience;
  readonly reconcile: Reconcile;
  /** Takes over a file that came out, with the text that is dealt with. */
  readonly keep: (path: string, text: string) => Promise<void>;
  /** Keeps a text that neither stands in the file nor could be brought in; the note names the copy. */
  readonly copy: (text: string, why: string) => Promise<void>;
  /** The same for a file, by moving it. */
  readonly setAside: (path: string, why: string) => Promise<void>;
  /** Told before each write, so that the text is known if it turns up later. */
  readonly announce: (text: string) => void;
  /** How the last write went; starts as `exchange`. */
  readonly way: { now: WriteWay };
}

/** `exchange`: nothing can be lost. `rename`: a save in the same instant can be. `in-place`: where the name cannot be replaced. */
export type WriteWay = 'exchange' | 'rename' | 'in-place';

/**
 * Puts `text` where `seen` was read. If somebody saved in between, what they saved comes out by the exchange, is reconciled with
 * what was written, and written again. Answers the text that now stands there, or `held`.
 * Crash here: the file holds the old or the new text as a whole; what came out lies under a temporary name and is found at the next start.
 */
export async function putText(swap: Swap, text: string, seen: Snapshot | null): Promise<string | 'held'> {
  const state: Writing = { next: text, expected: seen?.text ?? null, out: null };
  try {
    for (let round = 0; round < 200; round += 1) {
      const done = await writeOnce(swap, state);
      if (done === 'again') continue;
      if (state.out !== null) await swap.keep(state.out.path, state.out.text);
      if (done === 'held' && state.next !== text) await swap.copy(state.next, 'a save that came in between was followed by an empty file');
      return done;
    }
    throw new PortError('retryable', `${swap.target} changes faster than it can be written`, {
      hint: 'Another program keeps saving it: find out which.',
    });
  } catch (error) {
    // What came out last is in no file yet: it is set aside, which needs no room on the disk.
    if (state.out !== null) await swap.setAside(state.out.path, messageOf(error));
    throw error;
  }
}

interface Writing {
  next: string;
  expected: string | null;
  /** A file that came out changed; its words are in `next`, which is not written yet. */
  out: { readonly path: string; readonly text: string } | null;
}

async function writeOnce(swap: Swap, state: Writing): Promise<string | 'held' | 'again'> {
  const { next, expected } = state;
  const like = await singleName(swap);
  refuseReadOnly(swap.target, like);
  // Somebody made it while there was none: it is read before anything is written over it, as nothing tells here what it came from.
  if (like !== null && expected === null) return 'held';
  swap.announce(next);
  if (like !== null && like.nlink > 1n) return writeInPlace(swap, next, expected);
  const temp = await writeBeside(swap.target, next, like);
  const done = like === null ? await create(temp, swap.target) : await trade(swap, temp);
  if (done === 'pinned' || done === 'again') {
    await discard(temp);
    return done === 'again' ? 'again' : writeInPlace(swap, next, expected);
  }
  if (state.out !== null) await swap.keep(state.out.path, state.out.text);
  state.out = null;
  if (done === 'created') return next;
  return lookAtWhatCameOut(swap, state, temp);
}

async function lookAtWhatCameOut(swap: Swap, state: Writing, temp: string): Promise<string | 'held' | 'again'> {
  const { next, expected } = state;
  let out = await readNow(temp);
  if (out === null) return next;
  // Likely an editor between truncating and writing, or between two halves. Other late words are found by the watch.
  if (out.text !== expected) out = (await readWhole(temp, swap.patience, expected)) ?? out;
  const answer = out.text === expected ? next : swap.reconcile(out.text, expected, next);
  if (answer === 'hold') return putBack(swap, temp, next);
  if (answer === next) {
    await swap.keep(temp, out.text);
    return next;
  }
  state.out = { path: temp, text: out.text };
  state.next = answer;
  state.expected = next;
  return 'again';
}

/** A second name that an editor gives the file while it saves is gone in a moment (its backup); one that stays is meant. */
const FOR_A_SECOND_NAME = 15;

async function singleName({ target, patience: { settleMs }, way }: Swap): Promise<Snapshot['stat'] | null> {
  let like = await statNow(target);
  const most = way.now === 'in-place' ? 0 : FOR_A_SECOND_NAME;
  for (let round = 0; round < most && like !== null && like.nlink > 1n; round += 1) {
    await pause(settleMs);
    like = await statNow(target);
  }
  return like;
}

function refuseReadOnly(target: string, like: Snapshot['stat'] | null): void {
  if (like === null || (like.mode & 0o222n) !== 0n) return;
  const mode = Number(like.mode & 0o777n).toString(8);
  throw new PortError('terminal', `${target} is read-only (mode ${mode}), so the board cannot be written`, {
    hint: `Run: chmod u+w ${target}`,
  });
}

/** A file that was not there: by a hard link, which fails if somebody made one meanwhile. */
async function create(temp: string, target: string): Promise<'created' | 'again'> {
  try {
    await link(temp, target);
    await discard(temp);
    return 'created';
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return 'again';
    await discard(temp);
    throw fault(error, target, 'write');
  }
}

/** After `done` the old file lies under the temporary name. */
async function trade(swap: Swap, temp: string): Promise<'done' | 'again' | 'pinned'> {
  if (swap.way.now !== 'rename') {
    const result = await swap.exchange(temp, swap.target);
    if (result === 'done') swap.way.now = 'exchange';
    if (result === 'done' || result === 'pinned') return result;
    if (result === 'missing') return 'again';
    swap.way.now = 'rename';
  }
  return tradeByRename(temp, swap.target);
}

/** Without an exchange: the old file gets a second name, then the new one takes the first. A rename-over between the two is lost. */
async function tradeByRename(temp: string, target: string): Promise<'done' | 'again' | 'pinned'> {
  const aside = `${temp}-out`;
  try {
    await link(target, aside);
    await rename(temp, target);
    await rename(aside, temp);
    return 'done';
  } catch (error) {
    await discard(aside);
    if (codeOf(error) === 'ENOENT') return 'again';
    if (['EBUSY', 'EXDEV', 'EPERM', 'EMLINK', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error))) return 'pinned';
    throw fault(error, target, 'write');
  }
}

/** The person's file goes back where it was; somebody may have saved yet another in between. */
async function putBack(swap: Swap, temp: string, written: string): Promise<'held'> {
  if ((await trade(swap, temp)) === 'again') return 'held';
  const out = await readSettled(temp, swap.patience.settleMs);
  if (out === null || out.text === written) await discard(temp);
  else {
    await swap.copy(out.text, 'it was saved while an emptied board was being put back');
    await swap.keep(temp, out.text);
  }
  return 'held';
}

/**
 * A bind mount or a hard link: the bytes have to be replaced in the same file. The old text is copied away first, the file is compared
 * right before the write, and read once more after it. Crash here: the copy holds the old text.
 */
async function writeInPlace(swap: Swap, text: string, expected: string | null): Promise<string | 'held'> {
  swap.way.now = 'in-place';
  let [next, before] = [text, expected];
  for (let round = 0; round < 20; round += 1) {
    const now = await readNow(swap.target);
    if (now !== null && now.text !== before) {
      const settled = (await readSettled(swap.target, swap.patience.settleMs)) ?? now;
      const answer = swap.reconcile(settled.text, before, next);
      if (answer === 'hold') return 'held';
      [next, before] = [answer, settled.text];
      if (answer === settled.text) return answer;
      swap.announce(next);
      continue;
    }
    if (now !== null) await swap.copy(now.text, '');
    if (!(await overwrite(swap.target, encode(next), now?.stat ?? null))) continue;
    const after = await readNow(swap.target);
    if (after === null || after.text === next) return next;
    before = next;
  }
  throw new PortError('retryable', `${swap.target} changes faster than it can be written`, {
    hint: 'Another program keeps saving it: find out which.',
  });
}

/**
 * Makes room first: on a full disk the old bytes are still whole when this fails. False: it is not the file that was read any more, and
 * nothing is written; a file that is replaced after it was opened takes the words of nobody with it.
 */
async function overwrite(target: string, bytes: Buffer, seen: Snapshot['stat'] | null): Promise<boolean> {
  try {
    return await withFile(target, 'r+', async (handle) => {
      const { ino, size, mtimeNs } = await handle.stat({ bigint: true });
      if (seen !== null && (ino !== seen.ino || size !== seen.size || mtimeNs !== seen.mtimeNs)) return false;
      const more = bytes.length - Number(size);
      if (more > 0) await handle.write(Buffer.alloc(more, 0x0a), 0, more, Number(size));
      await handle.write(bytes, 0, bytes.length, 0);
      await handle.truncate(bytes.length);
      await handle.sync();
      return true;
    });
  } catch (error) {
    throw fault(error, target, 'write');
  }
}
