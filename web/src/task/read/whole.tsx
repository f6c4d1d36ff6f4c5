import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ask } from '../../link/ask.ts';
import type { Step } from '../../link/contract.ts';
import { marked } from './find/find.ts';

interface Props {
  readonly step: Step;
  readonly task: string;
  readonly run: string | null;
  /** The reader was brought here: what is looked for may stand in what was shortened. */
  readonly picked: boolean;
  readonly children: (step: Step) => ComponentChildren;
}

/** A step as it came, long texts of it shortened; whole when the reader asks for it. */
export function Whole({ step, task, run, picked, children }: Props) {
  const [whole, setWhole] = useState<Step | null>(null);
  const [why, setWhy] = useState<string | null>(null);
  const { offset, part } = step;
  const load = async (): Promise<void> => {
    const query = new URLSearchParams({ offset: String(offset), part: String(part), ...(run === null ? {} : { run }) });
    const answer = await ask<Step>(`tasks/${encodeURIComponent(task)}/transcript/step?${query}`);
    if (answer.ok) setWhole(answer.value);
    else setWhy(answer.why);
  };
  const isSought = picked && step.cut && marked.value !== '';
  useEffect(() => {
    if (isSought) void load();
  }, [isSought]);
  const shown = whole ?? step;
  return (
    <>
      {children(shown)}
      {step.cut && whole === null && (
        <p class="cut">
          Shortened.{' '}
          <button type="button" class="more" onClick={() => void load()}>
            Load it whole
          </button>
        </p>
      )}
      {whole?.cut === true && <p class="cut">Shortened all the same: the log has it whole.</p>}
      {why !== null && <p class="cut">{why}</p>}
    </>
  );
}
