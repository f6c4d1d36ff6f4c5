import { signal } from '@preact/signals';
import { ask, order } from '../link/ask.ts';
import type { Board, BoardChange, BoardDraft, Done } from '../link/contract.ts';

/** What is edited and not saved: it stays while the reader is elsewhere in the page. */
export interface Draft {
  /** The file as it was when the edit began. */
  readonly from: string;
  readonly text: string;
  /** What the daemon says of it; null: it was not asked yet. */
  readonly told: BoardDraft | null;
}

/** `tasks.md` as the daemon last told it. */
export const sheet = signal<Board | null>(null);
export const draft = signal<Draft | null>(null);
/** What came of the last edit. */
export const said = signal<{ readonly tone: 'good' | 'bad'; readonly text: string } | null>(null);

/** A board is sent and merged whole. */
const PATIENCE = 20_000;
const ASK_AGAIN = 2_000;

export async function readBoard(): Promise<void> {
  const answer = await ask<Board>('board');
  if (answer.ok) {
    const isOther = sheet.peek()?.text !== answer.value.text;
    sheet.value = answer.value;
    // What an edit comes to depends on what others wrote since.
    if (isOther && draft.peek() !== null) void again();
  } else said.value = { tone: 'bad', text: answer.why };
}

/** One edit after the other: each begins with what the one before it made. */
let queue: Promise<unknown> = Promise.resolve();
const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
  const result = queue.then(work);
  queue = result.catch(() => null);
  return result;
};

const begun = (): Draft | null =>
  draft.peek() ?? (sheet.peek() === null ? null : { from: sheet.peek()?.text ?? '', text: sheet.peek()?.text ?? '', told: null });

async function tell(from: string, text: string, change?: BoardChange): Promise<void> {
  const answer = await order<BoardDraft>('board/draft', { from, text, ...(change === undefined ? {} : { change }) }, PATIENCE);
  if (!answer.ok) {
    said.value = { tone: 'bad', text: answer.why };
    // A daemon that is busy, or away, is asked again for as long as this text is wanted.
    if (answer.status === null || answer.status === 429 || answer.status === 503)
      setTimeout(() => {
        if (draft.peek()?.text === text && draft.peek()?.told === null) void again();
      }, ASK_AGAIN);
    return;
  }
  said.value = null;
  const told = answer.value;
  draft.value = told.text === from ? null : { from, text: told.text, told };
}

/** A change of one line; the daemon makes it, and says what it would do. */
export const change = (wanted: BoardChange): Promise<void> =>
  inTurn(async () => {
    const now = begun();
    said.value = null;
    if (now !== null) await tell(now.from, now.text, wanted);
  });

/** So long nothing is typed before the daemon is asked: it answers so many questions a second, and a browser tells of each pasted line. */
const STILL = 300;

/** The whole text as the reader typed it. */
export const retype = (text: string): Promise<void> => {
  const now = begun();
  if (now === null || now.text === text) return Promise.resolve();
  draft.value = { ...now, text };
  // What came of the edit before is no word about this one.
  said.value = null;
  const isNewest = (): boolean => draft.peek()?.text === text;
  return inTurn(async () => {
    if (isNewest()) await new Promise((resolve) => setTimeout(resolve, STILL));
    if (isNewest()) await tell(now.from, text);
  });
};

const again = (): Promise<void> =>
  inTurn(async () => {
    const now = draft.peek();
    if (now !== null) await tell(now.from, now.text);
  });

/** Goes on with the edit on the file as it is now, in place of others' words where both changed the same. */
export const keepMine = (): Promise<void> =>
  inTurn(async () => {
    const merged = draft.peek()?.told?.merged ?? null;
    if (merged !== null) await tell(merged.from, merged.text);
  });

/** Saves it; where that is refused the draft stays as it is. */
export const save = (): Promise<void> =>
  inTurn(async () => {
    const now = draft.peek();
    if (now === null) return;
    const answer = await order<Done>(
      'board',
      { from: now.from, text: now.text, ...(now.told?.holds === true && { held: true }) },
      PATIENCE,
    );
    if (answer.ok) draft.value = null;
    said.value = answer.ok ? { tone: 'good', text: answer.value.message } : { tone: 'bad', text: answer.why };
    await readBoard();
  });

export const discard = (): Promise<void> =>
  inTurn(async () => {
    draft.value = null;
    said.value = null;
    await readBoard();
  });
