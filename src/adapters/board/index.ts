import { createHash } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BoardBase } from '../../core/board/base.ts';
import { lintBoard } from '../../core/board/lint.ts';
import { type MergeNote, mergeBoards } from '../../core/board/merge.ts';
import { planPublish } from '../../core/board/plan.ts';
import { closest, type TakenIn, takeIn } from '../../core/board/take.ts';
import { asRevision, versionOf } from '../../core/board/version.ts';
import type { BoardProblem, BoardView } from '../../core/board/view.ts';
import { archiveBlocks } from './archive.ts';
import { openCopies } from './copies.ts';
import { watchDisplaced } from './displaced.ts';
import { discard, readNow, readSettled, type Snapshot, targetOf, tempPrefix } from './file.ts';
import { putText, type Swap, type WriteWay } from './swap.ts';
import { openVersions } from './versions.ts';

export { watchBoard } from './watch.ts';

export interface BoardOptions {
  /** `tasks.md`; may be a symbolic link. */
  readonly path: string;
  /** A private folder, `.tac8/board`. */
  readonly dir: string;
  /** Folder for the lines of completed tasks that leave the board, one file a month; null: the store alone keeps them. */
  readonly archive?: string | null;
  /** A text counts as saved when nobody wrote for this long. */
  readonly settleMs?: number;
  /** How long a replaced file is watched for late writers. */
  readonly watchMs?: number;
  readonly keepMs?: number;
  /** Tests: do as on a file system that cannot exchange. */
  readonly way?: WriteWay;
  readonly onNote?: (note: BoardNote) => void;
}

/** Something a person should know about their words. */
export interface BoardNote {
  readonly line: number;
  readonly message: string;
  /** Words that are not in the file. */
  readonly words: string;
  /** The copy that holds the whole text. */
  readonly copy: string | null;
}

export interface HeldEdit {
  readonly kind: string;
  readonly message: string;
  readonly hint: string;
  /** Names this very text: an answer to the question counts for it alone. */
  readonly token: string;
}

export interface BoardReading extends Omit<TakenIn, 'hold'> {
  readonly held: HeldEdit | null;
}

export interface Board {
  /** What a person changed since `base`. `accept`: the token of a held edit that a person said is meant. */
  read(base: BoardBase, options?: { readonly accept?: string }): Promise<BoardReading>;
  /**
   * Writes the view into the file as it is now; answers the new base. Writes nothing when nothing changed or while an edit is held.
   * `record` is called with the base to store durably before the file is touched: after a crash the next `read` finds out from it
   * whether the write took place. `restore`: puts the board back over a held edit, which is kept as a copy.
   */
  publish(view: BoardView, base: BoardBase, options?: PublishOptions): Promise<BoardBase>;
  /** What the present file would do, without doing it. */
  preview(base: BoardBase): Promise<BoardReading>;
  lint(): Promise<readonly BoardProblem[]>;
  capabilities(): Promise<{ readonly way: WriteWay; readonly lossless: boolean; readonly message: string }>;
  /** Looks at replaced files a last time and stops watching them. */
  close(): Promise<void>;
}

export interface PublishOptions {
  readonly record?: (base: BoardBase) => void | Promise<void>;
  readonly restore?: boolean;
}

const DAY = 86_400_000;

/** The board on disk. One at a time per file: calls are queued, and late writers are brought in between them. */
export function createBoard(options: BoardOptions): Board {
  const { path, dir, settleMs = 30, watchMs = 10_000, keepMs = DAY } = options;
  const versions = openVersions(join(dir, 'versions'), keepMs);
  const copies = openCopies(join(dir, 'copies'), keepMs);
  const way = { now: options.way ?? 'exchange' } satisfies { now: WriteWay } as { now: WriteWay };
  const tell = (note: BoardNote) => options.onNote?.(note);
  let queue: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work, work);
    queue = result.catch(() => null);
    return result;
  };
  const copy = async (text: string, why: string) => {
    const kept = await copies.keep(text);
    if (why !== '') tell({ line: 0, message: `a version of tasks.md is kept in ${kept}: ${why}`, words: '', copy: kept });
  };
  const report = async (notes: readonly MergeNote[], whole: string) => {
    if (notes.length === 0) return;
    const kept = notes.some((note) => note.words !== '') ? await copies.keep(whole) : null;
    for (const note of notes) tell({ ...note, copy: kept });
  };

  /** The person's share of a text, on top of another. K is what they started from. */
  const merge = (from: string, theirs: string, ours: string, told: MergeNote[]): string => {
    const merged = mergeBoards(from, theirs, ours);
    told.push(...merged.notes);
    return merged.text;
  };
  const revision = (text: string): string => asRevision(text, (version) => versions.get(version).length > 0);
  const ancestor = (text: string, expected: string): string => {
    const version = versionOf(text);
    if (version === null || version === versionOf(expected)) return expected;
    return closest(versions.get(version), text) ?? expected;
  };
  const swapFor = (target: string, told: MergeNote[], out: string[]): Swap => ({
    target,
    settleMs,
    way,
    copy,
    keep: (file, text) => displaced.add(file, text),
    async setAside(file, why) {
      const kept = await copies.move(file);
      tell({ line: 0, message: `a version of tasks.md is kept in ${kept}: ${why}`, words: '', copy: kept });
    },
    announce: (text) => versions.put(text),
    reconcile(cameOut, expected, written) {
      out.push(cameOut);
      if (cameOut.trim() === '' && written.trim() !== '') return 'hold';
      const from = expected === null ? '' : ancestor(cameOut, expected);
      const text = merge(from, cameOut, written, told);
      return text === written ? written : revision(text);
    },
  });

  /** The newest text that stood in the file, or is to stand there. */
  let latest: string | null = null;
  /**
   * A save from an editor that had loaded an earlier text puts that text back over everything newer. What that editor changed is
   * brought onto the newest text instead.
   */
  const catchUp = (text: string, told: MergeNote[]): string => {
    const version = versionOf(text);
    if (latest === null || version === null || version === versionOf(latest)) return text;
    const from = closest(versions.get(version), text);
    return from === undefined ? text : merge(from, text, latest, told);
  };

  /** Only what stands in the board counts as known: a text noted too early would hide its own edit after a crash. */
  const put = async (target: string, text: string, seen: Snapshot | null, told: MergeNote[]): Promise<string | 'held'> => {
    const out = seen === null ? [] : [seen.text];
    const done = await putText(swapFor(target, told, out), text, seen);
    if (done === 'held') return done;
    for (const known of out) versions.put(known);
    latest = done;
    return done;
  };

  /** Words that a late writer put into a file that had been replaced already. */
  const late = (before: string, after: string): Promise<void> =>
    alone(async () => {
      const target = await targetOf(path);
      const now = await readNow(target);
      const told: MergeNote[] = [];
      const text = merge(before, after, now?.text ?? '', told);
      if (text !== now?.text) await put(target, revision(text), now, told);
      await report(told, after);
    });
  const displaced = watchDisplaced({
    dir: join(dir, 'displaced'),
    watchMs,
    settleMs,
    late,
    failed: (error) => tell({ line: 0, message: `cannot watch a replaced tasks.md: ${String(error)}`, words: '', copy: null }),
  });

  /** Once per process: what a crash left. A text that is known is in the board; any other is kept and named. */
  let recovered = false;
  const recover = async (target: string, base: BoardBase) => {
    if (recovered) return;
    recovered = true;
    await copies.sweep();
    const folder = dirname(target);
    const names = (await readdir(folder)).filter((name) => name.startsWith(tempPrefix(target)));
    const found = [...(await displaced.leftovers())];
    for (const name of names) {
      const seen = await readNow(join(folder, name));
      if (seen !== null) found.push({ path: join(folder, name), text: seen.text });
    }
    for (const { path: file, text } of found) {
      const known = [base.text, base.next?.text, ...versions.get(versionOf(text) ?? '')];
      if (text !== '' && !known.includes(text))
        await copy(text, 'tac8 died while it was being replaced; look whether your last edit is in the board');
      await discard(file);
    }
  };

  const look = async (base: BoardBase, accept: string | undefined, quiet: boolean): Promise<BoardReading> => {
    const target = await targetOf(path);
    if (!quiet) await recover(target, base);
    const seen = await readSettled(target, settleMs);
    if (base.text !== null) versions.put(base.text);
    const token = seen === null ? '' : createHash('sha256').update(seen.text).digest('hex').slice(0, 12);
    const told: MergeNote[] = [];
    const text = seen === null ? null : accept === token ? seen.text : catchUp(seen.text, told);
    const taken = takeIn(base, text, versions.get, accept === token);
    if (!quiet && text !== null && taken.hold === null) latest = text;
    if (!quiet && seen !== null) await report([...told, ...taken.notes], seen.text);
    const { hold, ...rest } = taken;
    return { ...rest, held: hold === null ? null : { ...hold, token } };
  };

  return {
    read: (base, { accept } = {}) => alone(() => look(base, accept, false)),
    preview: (base) => alone(() => look(base, undefined, true)),
    publish: (view, base, { record, restore = false } = {}) =>
      alone(async () => {
        const target = await targetOf(path);
        await recover(target, base);
        const seen = await readNow(target);
        if (base.text !== null) versions.put(base.text);
        const told: MergeNote[] = [];
        const text = seen === null ? null : catchUp(seen.text, told);
        const plan = planPublish(view, base, text, versions.get, restore, seen?.text ?? null);
        if (plan.kind === 'held') return base;
        if (plan.kind === 'same') return plan.base;
        if (restore && seen !== null) await copy(seen.text, 'the board was put back over it');
        if (options.archive) await archiveBlocks(options.archive, view.updatedAt, plan.left);
        await record?.({ ...base, next: { text: plan.base.text, memory: plan.base.memory ?? { lines: {}, spoken: [], names: {} } } });
        told.push(...plan.notes);
        const done = await put(target, plan.text, seen, told);
        await report(told, seen?.text ?? '');
        return done === 'held' ? base : plan.base;
      }),
    async lint() {
      const seen = await readNow(await targetOf(path));
      return seen === null ? [] : lintBoard(seen.text);
    },
    capabilities: () => alone(() => probe(path, way)),
    async close() {
      await displaced.close();
      await queue;
    },
  };
}

async function probe(path: string, way: { now: WriteWay }) {
  const { tryExchange } = await import('./probe.ts');
  const target = await targetOf(path);
  await mkdir(dirname(target), { recursive: true });
  if (way.now === 'exchange' && !(await tryExchange(target))) way.now = 'rename';
  const name = basename(path);
  const words: Readonly<Record<WriteWay, string>> = {
    exchange: `${name} is replaced by an atomic exchange: no save can be lost`,
    rename: `no atomic exchange here (needs Linux, perl and a file system that can): a save in the very instant of a write can be lost`,
    'in-place': `${name} is a mount or has several names and is written in place: a save in the very instant of a write can be lost`,
  };
  return { way: way.now, lossless: way.now === 'exchange', message: words[way.now] };
}
