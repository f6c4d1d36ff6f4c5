import { useState } from 'preact/hooks';
import { plain } from '../ground/words.ts';
import { ask } from '../link/ask.ts';
import type { Plan } from '../link/contract.ts';

/** What the next look of the loop would do, asked when somebody wants to know: it looks at everything. */
export function NextLook() {
  const [plan, setPlan] = useState<Plan | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const look = async (): Promise<void> => {
    setWhy('Looking …');
    const answer = await ask<Plan>('plan', { signal: AbortSignal.timeout(60_000) });
    setWhy(answer.ok ? null : answer.why);
    if (answer.ok) setPlan(answer.value);
  };
  const rows = plan === null ? [] : rowsOf(plan);
  return (
    <section class="next-look" aria-label="The next look">
      <button type="button" class="button" onClick={() => void look()}>
        What would tac8 do next?
      </button>
      <output>
        {why !== null && <p class="cut">{why}</p>}
        {plan !== null && rows.length === 0 && <p class="cut">Nothing to do.</p>}
      </output>
      {rows.length > 0 && (
        <ul class="rows">
          {rows.map(({ task, text }, index) => (
            <li key={index}>
              <b>{task ?? 'all'}</b> {plain(text)}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const rowsOf = ({ events, actions, notes }: Plan): readonly { readonly task: string | null; readonly text: string }[] => [
  ...events.map(({ task, words, detail }) => ({ task, text: `${words}: ${detail}` })),
  ...actions.map(({ task, words }) => ({ task, text: words })),
  ...notes,
];
