import type { Inspection, StreamFacts } from '../model/run.ts';
import { commitsOf, elsewhereOf, leftOf, unfinishedOf } from '../words/left-words.ts';

/** Why there is nothing to deliver, by what is there. */
interface Nothing {
  readonly message: string;
  readonly hint: string | null;
  /** A question in its last words is what it waits for. */
  readonly asks: boolean;
}

export function whatThereIs(inspection: Inspection, stream: StreamFacts, unfinished: readonly string[]): Nothing {
  const { commits, dirty, elsewhere = [] } = inspection;
  const left = leftOf(inspection) ?? (dirty ? 'changes are in no commit' : null);
  const refused = stream.commitRefused ?? null;
  const also = left === null ? '' : `; ${left}`;
  const named = elsewhere.filter(({ branch }) => branch !== null);
  const cut = unfinished.length === 0 ? '' : `; ${unfinishedOf(unfinished)}`;
  const parts = (message: string, hint: string | null, asks = false): Nothing => ({ message: `${message}${also}${cut}`, hint, asks });
  if (named.length > 0) return parts(elsewhereOf(named), BRING_OVER);
  if (left !== null && refused !== null) return parts(`a commit was refused: ${refused}`, REFUSED);
  if (left !== null && commits === 0) return { message: `no commit: ${left}${cut}`, hint: COMMIT, asks: false };
  if (elsewhere.length > 0) return parts(elsewhereOf(elsewhere), null);
  if (commits > 0)
    return parts(`no change made: ${commitsOf(commits)} on its branch, and every file is as the base has it`, null, left === null);
  return parts('no change made: no commit, and no file differs', null, true);
}

const BRING_OVER =
  'Its work is on that branch, not on the task’s: look at it with `git log`, then retry with --continue and a message that says what to bring over.';
const COMMIT = 'Its work is saved, but in no commit: retry with --continue has it go on where it stopped.';
const REFUSED =
  'git or a hook of the repository refused the commit: mend what the reason says, then retry with --continue; the work is saved.';

/** The last paragraph of a final text, if it asks something. */
export function questionIn(text: string): string | null {
  const last =
    text
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  return /[?？]["'”)*_]*$/.test(last) ? last : null;
}
