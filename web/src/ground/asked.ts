import { useEffect, useState } from 'preact/hooks';
import { type Answer, ask } from '../link/ask.ts';

/** The answer to a question, asked again whenever `beat` is another one; what was answered last stays meanwhile. Null: not answered yet. */
export function useAsked<T>(path: string, beat: string, patience?: number): Answer<T> | null {
  const [answer, setAnswer] = useState<{ readonly path: string; readonly got: Answer<T> } | null>(null);
  useEffect(() => {
    let gone = false;
    void ask<T>(path, patience === undefined ? {} : { signal: AbortSignal.timeout(patience) }).then((got) => {
      if (!gone) setAnswer({ path, got });
    });
    return () => {
      gone = true;
    };
  }, [path, beat]);
  return answer?.path === path ? answer.got : null;
}
