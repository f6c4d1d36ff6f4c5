import type { Signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useLayoutEffect } from 'preact/hooks';

interface Props {
  readonly field: RefObject<HTMLInputElement | null>;
  /** It was asked for by its key: what is typed next is meant for it. */
  readonly focus: boolean;
  readonly wanted: Signal<string>;
  readonly onFind: (by: 1 | -1) => void;
  readonly onClose: () => void;
}

export function FindBar({ field, focus, wanted, onFind, onClose }: Props) {
  // At once, not with the next frame: letters that are typed meanwhile would be taken for keys.
  useLayoutEffect(() => {
    if (focus) field.current?.select();
  }, []);
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
