import { join } from 'node:path';
import { canBeMeant } from '../../core/board/edit/hold.ts';
import { takeIn } from '../../core/board/edit/take.ts';
import { type BoardBase, NO_MEMORY } from '../../core/board/line/base.ts';
import { lintBoard } from '../../core/board/line/lint.ts';
import { type MergeNote, mergeBoards } from '../../core/board/merge/merge.ts';
import { planPublish } from '../../core/board/show/plan.ts';
import type { BoardView } from '../../core/board/text/view.ts';
import type { BoardReading, PublishOptions } from '../../engine/ports/repository/board.ts';
import type { BoardDraft, BoardOptions, FileBoard } from './contract.ts';
import { archiveBlocks } from './file/archive.ts';
import { probe } from './file/capabilities.ts';
import { openCopies } from './file/copies.ts';
import { watchDisplaced } from './file/displaced.ts';
import { openExchanger } from './file/exchange.ts';
import { type Patience, readNow, readWhole, type Snapshot, targetOf } from './file/file.ts';
import { watchStillness } from './file/stillness.ts';
import { putText, type Swap, type WriteWay } from './file/swap.ts';
import { traceLineage } from './history/lineage.ts';
import { clearRemains } from './history/recover.ts';
import { openVersions, type VersionStore } from './history/versions.ts';
import { createTeller } from './notes.ts';
import { DAY, SETTLE, tokenOf } from './preview.ts';

export type { BoardDraft, BoardNote, BoardOptions, FileBoard } from './contract.ts';
export { watchBoard } from './watch.ts';

/** The board on disk. One at a time per file: calls are queued, and late writers are brought in between them. */
export function createBoard(options: BoardOptions): FileBoard {
  const desk = openDesk(options);
  const { path, alone, teller, versions, lineage } = desk;

  async function look(base: BoardBase, accept: string | undefined): Promise<BoardReading> {
    const same = accept === undefined ? desk.still.reading(base, lineage.latest) : null;
    if (same !== null) return same;
    const target = await targetOf(path);
    await desk.recover(target, base);
    const seen = await readWhole(target, desk.patience, lineage.latest ?? base.text);
    if (base.text !== null) versions.put(base.text);
    desk.knowTaken(base);
    const meant = seen !== null && accept !== undefined && accept === tokenOf(seen.text);
    const told: MergeNote[] = [];
    const text = seen === null ? null : meant ? seen.text : lineage.catchUp(seen.text, told);
    const { hold, ...taken } = takeIn(base, text, versions.get, meant);
    if (hold === null && seen !== null) {
      desk.taken = { raw: seen.text, base: taken.base.text };
      lineage.latest = text;
      await teller.tell([...told, ...taken.notes], seen.text);
    }
    const held = hold === null || seen === null ? null : { ...hold, token: tokenOf(seen.text) };
    // A held file stays as it is: lines are counted in it, not in what it would have been brought onto.
    const isOther = held !== null && seen !== null && text !== seen.text;
    const problems = isOther ? [...taken.problems.slice(0, 1), ...lintBoard(seen.text)] : taken.problems;
    const reading = { ...taken, problems, held };
    desk.still.keep(seen, base, told.length + taken.notes.length === 0 ? reading : null);
    return reading;
  }

  async function publish(view: BoardView, base: BoardBase, { record, restore = false }: PublishOptions): Promise<BoardBase> {
    if (!restore && desk.shows(view, base, desk.still.snapshot())) return base;
    const target = await targetOf(path);
    await desk.recover(target, base);
    const first = await readNow(target);
    // What a person is writing just now may be half of it: it is not measured against what was there before.
    const known = lineage.latest ?? base.text;
    const seen = first === null || first.text === known ? first : await readWhole(target, desk.patience, known);
    if (!restore && desk.shows(view, base, seen)) return base;
    if (base.text !== null) versions.put(base.text);
    desk.knowTaken(base);
    const told: MergeNote[] = [];
    // Where the file is gone, as between two steps of an editor: words that came with the newest text, and are not taken in yet, stay in it.
    const text = seen === null ? lineage.latest : lineage.catchUp(seen.text, told);
    const plan = planPublish(view, base, text, versions.get, restore, seen?.text ?? null);
    if (plan.kind === 'held') return base;
    if (plan.kind === 'write') {
      if (restore && seen !== null) await teller.keep(seen.text, 'the board was put back over it');
      if (options.archive) await archiveBlocks(options.archive, view.updatedAt, plan.left);
      await record?.({ ...base, next: { text: plan.base.text, memory: plan.base.memory ?? NO_MEMORY } });
      told.push(...plan.notes);
      const done = await desk.put(target, plan.text, seen, told);
      await teller.tell(told, seen?.text ?? '');
      if (done === 'held') return base;
    }
    // What is remembered may change where the text does not: a line that a person wrote and that now is a task's.
    if (plan.kind === 'same' && JSON.stringify(plan.base.memory) !== JSON.stringify(base.memory)) await record?.(plan.base);
    desk.remember(view, plan.base);
    return plan.base;
  }

  return {
    read: (base, { accept } = {}) => alone(() => look(base, accept)),
    publish: (view, base, more = {}) => alone(() => publish(view, base, more)),
    async lint() {
      const seen = await readNow(await targetOf(path));
      return seen === null ? [] : lintBoard(seen.text);
    },
    capabilities: () => alone(() => probe(path, desk.way, desk.exchanger.exchange)),
    text: async () => (await readNow(await targetOf(path)))?.text ?? null,
    meant: (base) =>
      alone(async () => {
        const text = (await readNow(await targetOf(path)))?.text ?? null;
        if (text === null) return null;
        return { token: tokenOf(text), ...takeIn(base(), text, versions.get, true) };
      }),
    draft: (base, from, text) =>
      alone(async () => draftOf(desk, base(), { from, text, now: (await readNow(await targetOf(path)))?.text ?? null })),
    save: (base, from, text, { held = false } = {}) =>
      alone(async () => {
        const target = await targetOf(path);
        await desk.recover(target, base());
        const seen = await readNow(target);
        const draft = draftOf(desk, base(), { from, text, now: seen?.text ?? null });
        const isRefused = draft.hold !== null && !(held && canBeMeant(draft.hold));
        if (draft.lost.length > 0 || isRefused) return { ...draft, isSaved: false };
        return { ...draft, isSaved: draft.text === seen?.text || (await desk.putWords(target, draft.text, seen)) };
      }),
    close: desk.close,
  };
}

interface EditNow {
  readonly from: string;
  readonly text: string;
  /** What stands in the file; null: there is none. */
  readonly now: string | null;
}

function draftOf({ versions, lineage }: Pick<Desk, 'versions' | 'lineage'>, base: BoardBase, { from, text, now }: EditNow): BoardDraft {
  const notes: MergeNote[] = [];
  const current = now === null ? '' : lineage.catchUp(now, notes);
  const merged = mergeBoards(from, text, current);
  const { intents, problems, hold } = takeIn(base, merged.text, versions.get);
  return { text: merged.text, now: current, intents, problems, hold, lost: merged.notes.filter(({ words }) => words !== '') };
}

type Desk = ReturnType<typeof openDesk>;

/** The effects that reading and publishing share, and what is remembered between two calls. */
function openDesk({
  path,
  dir,
  settleMs = SETTLE,
  watchMs = 10_000,
  keepMs = DAY,
  way: first = 'exchange',
  onNote = () => undefined,
}: BoardOptions) {
  const versions = openVersions(join(dir, 'versions'), keepMs);
  const copies = openCopies(join(dir, 'copies'), keepMs);
  const teller = createTeller(copies, onNote);
  const lineage = traceLineage(versions);
  const exchanger = openExchanger();
  const way: { now: WriteWay } = { now: first };
  let queue: Promise<unknown> = Promise.resolve();
  const alone = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work, work);
    queue = result.catch(() => null);
    return result;
  };

  const patience: Patience = { settleMs, isBeingWritten: exchanger.isBeingWritten };
  const means = () => ({ exchange: exchanger.exchange, patience, way, copy: teller.keep, setAside: teller.setAside, keep: displaced.add });

  /** Only what stands in the board counts as known: a text noted too early would hide its own edit after a crash. */
  async function put(target: string, text: string, seen: Snapshot | null, told: MergeNote[]): Promise<string | 'held'> {
    const out = seen === null ? [] : [seen.text];
    const swap: Swap = {
      ...means(),
      target,
      announce: versions.put,
      reconcile(cameOut, expected, written) {
        out.push(cameOut);
        return cameOut.trim() === '' && written.trim() !== '' ? 'hold' : lineage.reconcile(cameOut, expected, written, told);
      },
    };
    const done = await putText(swap, text, seen);
    if (done === 'held') return done;
    for (const known of out) versions.put(known);
    lineage.latest = done;
    return done;
  }

  /** Words of a person: not known as ours, so that the next look takes them for an edit. What somebody saves in between is brought together with them. */
  async function putWords(target: string, text: string, seen: Snapshot | null): Promise<boolean> {
    const told: MergeNote[] = [];
    const reconcile: Swap['reconcile'] = (cameOut, expected, written) => {
      if (cameOut.trim() === '' && written.trim() !== '') return 'hold';
      const merged = mergeBoards(expected ?? '', cameOut, written);
      told.push(...merged.notes);
      return merged.text;
    };
    const announce = (): void => undefined;
    const done = await putText({ ...means(), target, announce, reconcile }, text, seen);
    await teller.tell(told, text);
    return done !== 'held';
  }

  /** Words that a late writer put into a file that had been replaced already. */
  const late = (before: string, after: string): Promise<boolean> =>
    alone(async () => {
      const target = await targetOf(path);
      const now = await readWhole(target, patience, lineage.latest);
      // An editor is about to put its text there, or somebody emptied it: alone, the late words would stand as the whole board.
      if ((now === null || now.text.trim() === '') && lineage.latest !== null) return false;
      const told: MergeNote[] = [];
      // Meanwhile somebody may have saved an outdated buffer: what is written in its place is of the newest version, so that it is measured
      // against that and not against itself.
      const current = now === null ? '' : lineage.catchUp(now.text, told);
      if (!lineage.isNewest(current)) {
        await teller.keep(after, 'it went into a tasks.md that was replaced meanwhile; tac8 does not know the one that is there now');
        return true;
      }
      const { text, notes } = mergeBoards(before, after, current);
      told.push(...notes);
      const done = text === now?.text ? text : await put(target, lineage.revision(text), now, told);
      await teller.tell(told, after);
      return done !== 'held';
    });
  const displaced = watchDisplaced({
    dir: join(dir, 'displaced'),
    watchMs,
    patience,
    late,
    leave: (text) => teller.keep(text, 'it went into a tasks.md that was replaced meanwhile, and tac8 left before it could bring it in'),
    failed: (error) => teller.fault(`cannot watch a replaced tasks.md: ${String(error)}`),
  });

  let recovered = false;
  async function recover(target: string, base: BoardBase): Promise<void> {
    if (recovered) return;
    recovered = true;
    await copies.sweep();
    const keep = (text: string) => teller.keep(text, 'tac8 died while it was being replaced; look whether your last edit is in the board');
    await clearRemains({ target, base, displaced, versions, keep });
  }

  /** The last view that the file was seen to show, so that an idle tick costs one read. */
  let shown: { readonly view: BoardView; readonly base: BoardBase } | null = null;
  const shows = (view: BoardView, base: BoardBase, seen: Snapshot | null): boolean => {
    const same =
      shown !== null &&
      base.next === undefined &&
      base.given === undefined &&
      base.memory === shown.base.memory &&
      base.text === shown.base.text &&
      seen?.text === base.text &&
      sameView(view, shown.view);
    // The newest of equal ones is the one that is asked about again.
    if (same) shown = { view, base };
    return same;
  };

  return {
    path,
    patience,
    way,
    alone,
    teller,
    versions,
    lineage,
    exchanger,
    put,
    putWords,
    recover,
    shows,
    still: watchStillness(path),
    ...taking(versions),
    remember(view: BoardView, base: BoardBase) {
      shown = { view, base };
    },
    async close() {
      await displaced.close();
      await queue;
      await exchanger.close();
    },
  };
}

/**
 * What a person saved is known to be theirs once the engine has stored what was taken in of it: a second save of the same buffer is measured
 * against that, and asks for no line twice. Known any earlier, it would hide its own edit after a crash.
 */
function taking(versions: VersionStore) {
  return {
    taken: null as { readonly raw: string; readonly base: string | null } | null,
    knowTaken(base: BoardBase) {
      if (this.taken === null || this.taken.base !== base.text) return;
      versions.put(this.taken.raw);
      this.taken = null;
    },
  };
}

function sameView(one: BoardView, two: BoardView): boolean {
  if (one.maxActive !== two.maxActive || one.lines.length !== two.lines.length) return false;
  return (
    one.lines === two.lines ||
    one.lines.every((line, at) => line === two.lines[at] || JSON.stringify(line) === JSON.stringify(two.lines[at]))
  );
}
