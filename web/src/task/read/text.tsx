import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { Marked } from '../../ground/marked.tsx';
import { amount, plain, plural } from '../../ground/words.ts';
import { marked } from './find/find.ts';

const LINES = 24;
const SIGNS = 3000;
/** A page that lays out more than this at once stands still. */
const MOST = 400_000;

/** A stranger's text, as text. A long one shows its beginning, and the rest when it is asked for. */
export function Text({
  text,
  kind = 'prose',
  picked = false,
}: {
  readonly text: string;
  readonly kind?: 'prose' | 'code';
  readonly picked?: boolean;
}) {
  const [open, setOpen] = useState(false);
  const short = shortened(text);
  const words = marked.value.toLowerCase();
  // A hit in what is hidden is shown where the reader was brought to it.
  const hides = picked && words !== '' && short !== text && !short.toLowerCase().includes(words) && text.toLowerCase().includes(words);
  if (hides && !open) setOpen(true);
  const shown = open ? text.slice(0, MOST) : short;
  const place = useRef<HTMLDivElement>(null);
  // A text may be longer than the window: what was looked for is brought into it, once.
  useLayoutEffect(() => {
    if (picked && words !== '') bringMark(place.current);
  }, [picked, words, shown]);
  return (
    <div class="text" data-kind={kind} ref={place}>
      {kind === 'code' ? (
        <pre dir="auto">
          <Marked text={plain(shown)} words={marked.value} />
        </pre>
      ) : (
        <p dir="auto">
          <Marked text={plain(shown)} words={marked.value} />
        </p>
      )}
      {short.length < text.length && (
        <button type="button" class="more" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Less' : `All of it: ${sizeOf(text)}`}
        </button>
      )}
      {open && text.length > MOST && (
        <p class="cut">
          The first {amount(MOST)} signs of {amount(text.length)}.
        </p>
      )}
    </div>
  );
}

/** The first mark of a text, where it is out of sight and its text is not. */
function bringMark(text: HTMLElement | null): void {
  const mark = text?.querySelector('mark') ?? null;
  const scroller = text?.closest('.scroller') ?? null;
  if (mark === null || scroller === null) return;
  // The list brings the row into sight first.
  requestAnimationFrame(() => {
    const [seen, { top, bottom }] = [scroller.getBoundingClientRect(), mark.getBoundingClientRect()];
    if (top < seen.top || bottom > seen.bottom) mark.scrollIntoView({ block: 'center' });
  });
}

function sizeOf(text: string): string {
  if (text.length > 20_000) return plural(text.length, 'sign');
  return plural(text.split('\n').length, 'line');
}

function shortened(text: string): string {
  let end = Math.min(text.length, SIGNS);
  let at = -1;
  for (let line = 0; line < LINES; line += 1) {
    at = text.indexOf('\n', at + 1);
    if (at === -1 || at > end) break;
    if (line === LINES - 1) end = Math.min(end, at);
  }
  // A few lines more are shorter than the button that hides them.
  return text.length - end < 200 ? text : text.slice(0, end);
}
