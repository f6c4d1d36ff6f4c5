import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';

interface Props {
  readonly field: RefObject<HTMLInputElement | null>;
  readonly wanted: Signal<string>;
  readonly onFind: (by: 1 | -1) => void;
  readonly onClose: () => void;
}

export function FindBar({ field, wanted, onFind, onClose }: Props) {
  return (
    <search class="find">
      <input
        ref={field}
        type="search"
        aria-label="Find in the transcript"
        placeholder="Find"
        maxLength={500}
        value={wanted.value}
        onInput={({ currentTarget }) => {
          wanted.value = currentTarget.value;
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter') onFind(event.shiftKey ? -1 : 1);
          if (event.key === 'Escape') onClose();
        }}
      />
      <button type="button" class="button" data-kind="plain" aria-label="Find above" onClick={() => onFind(-1)}>
        ↑
      </button>
      <button type="button" class="button" data-kind="plain" aria-label="Find below" onClick={() => onFind(1)}>
        ↓
      </button>
    </search>
  );
}
