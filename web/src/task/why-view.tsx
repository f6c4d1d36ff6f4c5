import { useAsked } from '../ground/asked.ts';
import { now } from '../ground/clock.ts';
import { Mark } from '../ground/mark.tsx';
import { Sentence } from '../ground/sentence.tsx';
import { clockTime, plain, span } from '../ground/words.ts';
import type { Why } from '../link/contract.ts';

const MARKS = {
  open: { shape: 'completed', said: 'open' },
  shut: { shape: 'pending', said: 'closed' },
  note: { shape: 'idle', said: 'to know' },
} as const;

/** Why the task is where it is, what would change that, and what happened to it so far. */
export function WhyView({ task, beat }: { readonly task: string; readonly beat: string }) {
  const answer = useAsked<Why>(`tasks/${encodeURIComponent(task)}/why`, beat);
  if (answer === null)
    return (
      <p class="empty" key="looking">
        Looking …
      </p>
    );
  if (!answer.ok) return <p class="empty">{answer.why}</p>;
  const { sentence, gates, next, history } = answer.value;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="why" aria-label="Why" tabIndex={0}>
      <p class="sentence">
        <Sentence text={sentence} />
      </p>
      <p>
        <b>Next: </b>
        <Sentence text={next} />
      </p>
      {gates.length > 0 && (
        <section>
          <h2>What tac8 looked at</h2>
          <ul class="rows gates">
            {gates.map(({ name, mark, text, until, change }) => (
              <li key={name}>
                <Mark {...MARKS[mark]} />
                <span>
                  <b>{plain(name)}</b> {plain(text)}
                  {until !== null && <time dateTime={until}>{`, in ${span(Date.parse(until) - now.value)}`}</time>}
                  {change !== null && <span class="cut"> {plain(change)}</span>}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
      <section>
        <h2>What happened</h2>
        <ol class="rows history">
          {history.map(({ at, words, detail, run }, index) => (
            <li key={index}>
              <time class="number" dateTime={at} title={at}>
                {clockTime(Date.parse(at))}
              </time>
              <span>
                <b>{plain(words)}</b> {plain(detail)} {run !== null && <span class="cut">{run}</span>}
              </span>
            </li>
          ))}
        </ol>
      </section>
    </section>
  );
}
