import { Mark } from '../ground/mark.tsx';
import { plain } from '../ground/words.ts';
import { forget, outcomes } from './acting.ts';

const SHAPES = { waits: 'pending', good: 'completed', bad: 'failed' } as const;

/** Whoever asked for it goes on by Enter. */
const focused = (link: HTMLElement | null): void => link?.focus();

/** What came of the last orders. */
export function Outcomes() {
  return (
    <output class="outcomes">
      {outcomes.value.map(({ id, what, tone, text, link }) => (
        <span class="outcome" key={id} data-tone={tone}>
          <Mark shape={SHAPES[tone]} said={tone === 'good' ? 'done' : tone === 'bad' ? 'refused' : 'waits'} />
          <span>
            <b>{what}</b> {plain(text)}{' '}
            {link !== null && (
              <a href={link} target="_blank" rel="noreferrer" ref={focused}>
                Open
              </a>
            )}
          </span>
          <button type="button" class="button" data-kind="plain" aria-label={`Close: ${what}`} onClick={() => forget(id)}>
            ×
          </button>
        </span>
      ))}
    </output>
  );
}
