import { useLayoutEffect, useRef } from 'preact/hooks';

type Keys = Readonly<Record<string, () => unknown>>;

/** What is chosen with the arrows takes no letters. */
const CHOSEN: ReadonlySet<string> = new Set(['radio', 'checkbox']);

/** It is meant for a field. */
export const isTyping = ({ target }: KeyboardEvent): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)) &&
  !(target instanceof HTMLInputElement && CHOSEN.has(target.type));

/** Single keys while the component is there; not while somebody types, or in an open dialog, and none with Ctrl, Alt or Meta. */
export function useKeys(keys: Keys): void {
  const newest = useRef(keys);
  newest.current = keys;
  // As soon as the component is there, not with the next frame: a key that comes between would be nobody's.
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || isTyping(event)) return;
      if (document.querySelector('dialog[open]') !== null) return;
      const act = newest.current[event.key];
      if (act === undefined) return;
      event.preventDefault();
      act();
    };
    addEventListener('keydown', pressed);
    return () => removeEventListener('keydown', pressed);
  }, []);
}
