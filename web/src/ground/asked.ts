import { useEffect, useState } from 'preact/hooks';
import { type Answer, ask } from '../link/ask.ts';
import { returns } from '../link/fleet.ts';

/**
 * The answer to a question, asked again whenever `beat` is another one and when a daemon that did not answer does so again; what was answered last
 * stays meanwhile, also where nobody answers. Null: not answered yet.
 */
export function useAsked<T>(path: string, beat: string, patience?: number): Answer<T> | null {
  const [answer, setAnswer] = useState<Answered<T> | null>(null);
  useEffect(() => {
    let gone = false;
    void ask<T>(path, patience === undefined ? {} : { signal: AbortSignal.timeout(patience) }).then((got) => {
      if (!gone) setAnswer((before) => (isKnown(before, path) && !got.ok && got.status === null ? before : { path, got }));
    });
    return () => {
      gone = true;
    };
  }, [path, beat, returns.value]);
  return answer?.path === path ? answer.got : null;
}

interface Answered<T> {
  readonly path: string;
  readonly got: Answer<T>;
}

const isKnown = <T>(before: Answered<T> | null, path: string): before is Answered<T> => before?.path === path && before.got.ok;
