import type { CauseOf } from '../advice/hints.ts';
import type { Inspection, StreamFacts } from '../model/run.ts';
import { commitsOf, elsewhereOf, leftOf, unfinishedOf } from '../words/left-words.ts';

/** Why there is nothing to deliver, by what is there. */
interface Nothing {
  readonly message: string;
  readonly cause: CauseOf<'no_pr'>;
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
  const parts = (message: string, cause: Nothing['cause'], asks = false): Nothing => ({ message: `${message}${also}${cut}`, cause, asks });
  if (named.length > 0) return parts(elsewhereOf(named), 'elsewhere');
  if (left !== null && refused !== null) return parts(`a commit was refused: ${refused}`, 'refused');
  if (left !== null && commits === 0) return { message: `no commit: ${left}${cut}`, cause: 'uncommitted', asks: false };
  if (elsewhere.length > 0) return parts(elsewhereOf(elsewhere), 'nothing');
  if (commits > 0)
    return parts(`no change made: ${commitsOf(commits)} on its branch, and every file is as the base has it`, 'nothing', left === null);
  return parts('no change made: no commit, and no file differs', 'nothing', true);
}

/** The last paragraph of a final text, if it asks something. */
export function questionIn(text: string): string | null {
  const last =
    text
      .trim()
      .split(/\n\s*\n/)
      .at(-1) ?? '';
  return /[?？]["'”)*_]*$/.test(last) ? last : null;
}
