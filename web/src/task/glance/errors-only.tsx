import { Dialog } from '../../act/dialog.tsx';
import { clockTime, plain, plural } from '../../ground/words.ts';
import type { Outline } from '../../link/contract.ts';
import { isWrong } from './places.ts';

type Mark = Outline['marks'][number];

/** Nobody reads more of them in a list. */
const MOST = 300;
const LONGEST = 300;

/** Of an edit and a test run the mark has the path, the command. */
function wordsOf({ kind, text }: Mark): string {
  const short = text.slice(0, LONGEST);
  return kind === 'edit' ? `${short}: the edit failed` : kind === 'test' ? `${short}: red` : short;
}

interface Props {
  readonly outline: Outline;
  readonly onStep: (step: Mark) => void;
  readonly onClose: () => void;
}

/** What went wrong in the run, and nothing else: each leads to its step. */
export function ErrorsOnly({ outline: { marks, after, size, cut }, onStep, onClose }: Props) {
  const wrong = marks.filter(isWrong).toSorted((a, b) => a.offset - b.offset || a.part - b.part);
  return (
    <Dialog title={`${cut ? 'over ' : ''}${plural(wrong.length, 'error')}`} closes onClose={onClose}>
      {wrong.length === 0 && <p class="cut">Nothing went wrong{after < size ? ' as far as the log was looked through' : ''}.</p>}
      <ol class="errors-only">
        {wrong.slice(0, MOST).map((mark) => (
          <li key={`${mark.offset}.${mark.part} ${mark.kind}`}>
            <button type="button" onClick={() => onStep(mark)}>
              <span class="number cut">{mark.at === null ? '' : clockTime(Date.parse(mark.at))}</span>
              <span class="mono" dir="auto">
                {plain(wordsOf(mark))}
              </span>
            </button>
          </li>
        ))}
      </ol>
      {wrong.length > MOST && (
        <p class="cut">
          These are the first {MOST}. In the transcript <kbd>e</kbd> leads from each to the next.
        </p>
      )}
    </Dialog>
  );
}
