import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

/** A dialog of the browser's own: it keeps the focus, gives it back, and Escape closes it. */
export function Dialog({
  title,
  closes = false,
  onClose,
  children,
}: {
  readonly title: string;
  /** Has a button that closes it: where none of its own does. */
  readonly closes?: boolean;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}) {
  const element = useRef<HTMLDialogElement>(null);
  // At once, not with the next frame: what is typed meanwhile is meant for it.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog?.showModal();
    return () => {
      // The browser tells of the close later: another dialog may be open by then, which must not close with it.
      element.current = null;
      dialog?.close();
    };
  }, []);
  return (
    <dialog
      ref={element}
      aria-label={title}
      onClose={({ currentTarget }) => {
        if (element.current === currentTarget) onClose();
      }}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        if (event.target === element.current) onClose();
      }}
    >
      <div class="dialog">
        <div class="dialog-head">
          <h2>{title}</h2>
          {closes && (
            <button type="button" class="button" onClick={onClose}>
              Close
            </button>
          )}
        </div>
        {children}
      </div>
    </dialog>
  );
}
