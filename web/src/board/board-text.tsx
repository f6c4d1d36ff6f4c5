import { useEffect, useRef } from 'preact/hooks';
import { plain } from '../ground/words.ts';
import type { Board } from '../link/contract.ts';

interface Props {
  readonly text: string;
  readonly problems: Board['problems'];
  /** A line to go to; each time another object. */
  readonly target: { readonly line: number } | null;
  readonly onText: (text: string) => void;
}

/** `tasks.md` as it stands there; what cannot be read is marked at its line. */
export function BoardText({ text, problems, target, onText }: Props) {
  const field = useRef<HTMLTextAreaElement>(null);
  const numbers = useRef<HTMLOListElement>(null);
  const wrong = new Map(problems.map(({ line, message }) => [line, message]));
  const count = text.split('\n').length;
  useEffect(() => {
    if (target === null || field.current === null) return;
    const lines = field.current.value.split('\n');
    const from = lines.slice(0, target.line - 1).reduce((sum, line) => sum + line.length + 1, 0);
    field.current.focus();
    field.current.setSelectionRange(from, from + (lines[target.line - 1]?.length ?? 0));
    field.current.scrollTop = (field.current.scrollHeight * Math.max(0, target.line - 5)) / lines.length;
  }, [target]);
  return (
    <div class="board-text mono">
      <ol ref={numbers} aria-hidden="true">
        {Array.from({ length: count }, (_, n) => {
          const message = wrong.get(n + 1);
          return (
            <li key={n} data-wrong={message !== undefined} title={message === undefined ? undefined : plain(message)}>
              {n + 1}
            </li>
          );
        })}
      </ol>
      <textarea
        ref={field}
        aria-label="tasks.md"
        aria-invalid={wrong.size > 0}
        spellcheck={false}
        wrap="off"
        value={text}
        onInput={({ currentTarget }) => onText(currentTarget.value)}
        onScroll={({ currentTarget }) => {
          if (numbers.current !== null) numbers.current.scrollTop = currentTarget.scrollTop;
        }}
      />
    </div>
  );
}
