import { Mark } from '../ground/mark.tsx';
import { plain } from '../ground/words.ts';
import { forget, outcomes } from './acting.ts';

const SHAPES = { waits: 'pending', good: 'completed', bad: 'failed' } as const;

/** What came of the last orders. */
export function Outcomes() {
  return (
    <output class="outcomes">
      {outcomes.value.map(({ id, what, tone, text }) => (
        <span class="outcome" key={id} data-tone={tone}>
          <Mark shape={SHAPES[tone]} said={tone === 'good' ? 'done' : tone === 'bad' ? 'refused' : 'waits'} />
          <span>
            <b>{what}</b> {plain(text)}
          </span>
          <button type="button" class="button" data-kind="plain" aria-label={`Close: ${what}`} onClick={() => forget(id)}>
            ×
          </button>
        </span>
      ))}
    </output>
  );
}
