import { elementScroll, measureElement, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/virtual-core';
import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useReducer, useRef, useState } from 'preact/hooks';
import type { Line } from './groups.ts';
import { standsIn } from './rows.ts';

export interface RowsListProps {
  readonly rows: readonly Line[];
  readonly children: (row: Line, index: number) => ComponentChildren;
  /** Kept at the end while rows come. */
  readonly following: boolean;
  /** A row to bring into view, once for each new value. */
  readonly target: { readonly key: string; readonly align?: 'start' | 'center' | 'end' | 'auto' } | null;
  /** The reader moved by himself; whether he is at the end. */
  readonly onMoved: (atEnd: boolean) => void;
  /** The first and the last row of those that are in the page. */
  readonly onSeen: (first: Line, last: Line) => void;
  readonly onNearStart: () => void;
  readonly onNearEnd: () => void;
}

const CLOSE_TO_END = 24;
const NEAR = 10;
/** So long after the reader's last move a scroll is still his. */
const READER_MOVES = 400;

/** Only the rows that are seen are in the page, each as high as it turns out to be. What is put above moves nothing that is read. */
export function RowsList({ rows, children, following, target, onMoved, onSeen, onNearStart, onNearEnd }: RowsListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [, draw] = useReducer<number, null>((n) => n + 1, 0);
  const options = {
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 40,
    getItemKey: (index: number) => rows[index]?.key ?? index,
    overscan: 8,
    paddingEnd: 24,
    anchorTo: 'end' as const,
    followOnAppend: following,
    scrollEndThreshold: CLOSE_TO_END,
    scrollToFn: elementScroll,
    observeElementRect,
    observeElementOffset,
    measureElement,
    onChange: () => draw(null),
  };
  const [virtual] = useState(() => new Virtualizer<HTMLDivElement, HTMLElement>(options));
  virtual.setOptions(options);
  useLayoutEffect(() => virtual._didMount(), [virtual]);
  useLayoutEffect(() => virtual._willUpdate());

  useLayoutEffect(() => {
    if (following && rows.length > 0) virtual.scrollToEnd();
  }, [virtual, following, rows]);
  const onItsWay = useRef(false);
  const index = target === null ? -1 : rows.findIndex((row) => standsIn(row, target.key));
  useLayoutEffect(() => {
    if (index === -1) return;
    onItsWay.current = true;
    virtual.scrollToIndex(index, { align: target?.align ?? 'center' });
    // Rows that come later do not bring the reader back.
  }, [virtual, target, index === -1]);

  const items = virtual.getVirtualItems();
  const [first, last] = [items[0]?.index ?? 0, items.at(-1)?.index ?? 0];
  useEffect(() => {
    if (first <= index && index <= last) onItsWay.current = false;
    // Where the reader is brought, not where he was: rows put above meanwhile would move the place.
    if (rows.length === 0 || onItsWay.current) return;
    if (first < NEAR) onNearStart();
    if (last >= rows.length - NEAR) onNearEnd();
  }, [first, last, rows]);

  const range = virtual.range;
  const [top, bottom] = [rows[range?.startIndex ?? -1], rows[range?.endIndex ?? -1]];
  useEffect(() => {
    if (top !== undefined && bottom !== undefined) onSeen(top, bottom);
  }, [top?.key, bottom?.key]);

  // The latch goes by what the reader does, never by where a growing page happens to stand.
  const reader = useRef({ isHolding: false, until: 0 });
  const acts = (): void => {
    reader.current.until = performance.now() + READER_MOVES;
    onItsWay.current = false;
  };
  const isAtEnd = (): boolean => {
    const at = scroller.current;
    return at === null || at.scrollHeight - at.scrollTop - at.clientHeight <= CLOSE_TO_END;
  };
  const scrolled = (): void => {
    const { isHolding, until } = reader.current;
    if (!isHolding && performance.now() > until) return;
    // What was set in motion rolls on.
    acts();
    onMoved(isAtEnd());
  };
  return (
    <section
      class="scroller"
      ref={scroller}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
      tabIndex={0}
      aria-label="Transcript"
      onScroll={scrolled}
      onWheel={({ deltaY }) => {
        acts();
        // At once: what comes meanwhile must not pull the page down again.
        if (deltaY < 0 && scroller.current !== null && scroller.current.scrollTop > 0) onMoved(false);
      }}
      onTouchMove={acts}
      onKeyDown={acts}
      onPointerDown={() => {
        reader.current.isHolding = true;
      }}
      onPointerUp={() => {
        reader.current.isHolding = false;
        acts();
      }}
      onPointerCancel={() => {
        reader.current.isHolding = false;
      }}
    >
      <ol class="steps" style={{ height: `${virtual.getTotalSize()}px` }}>
        {items.map(({ key, index: at, start }) => {
          const row = rows[at];
          return (
            <li
              key={key}
              class="step"
              data-index={at}
              data-key={key}
              ref={(element) => virtual.measureElement(element)}
              style={{ transform: `translateY(${start}px)` }}
            >
              {row === undefined ? null : children(row, at)}
            </li>
          );
        })}
      </ol>
    </section>
  );
}
