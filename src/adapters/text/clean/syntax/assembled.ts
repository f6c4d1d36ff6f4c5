import type { Piece } from './events.ts';

/** Lines of one block put together, without the marks of quotes and lists before them; each character knows where it came from. */
export interface Assembled {
  readonly text: string;
  /** Where in the whole text a stretch of it stands. */
  place(from: number, to: number): { readonly from: number; readonly to: number };
}

export interface Assembly {
  /** Another line's words. */
  add(source: string, piece: Piece): void;
  lineEnd(piece: Piece): void;
  done(): Assembled;
}

export function assemble(): Assembly {
  const parts: string[] = [];
  const starts: { readonly at: number; readonly from: number }[] = [];
  let length = 0;
  const push = (text: string, from: number): void => {
    starts.push({ at: length, from });
    parts.push(text);
    length += text.length;
  };
  return {
    add: (source, { from, to }) => push(source.slice(from, to), from),
    lineEnd: ({ from }) => push('\n', from),
    done: () => {
      const offset = (at: number): number => {
        let low = 0;
        let high = starts.length - 1;
        while (low < high) {
          const middle = (low + high + 1) >> 1;
          if ((starts[middle]?.at ?? 0) <= at) low = middle;
          else high = middle - 1;
        }
        const start = starts[low];
        return start === undefined ? 0 : start.from + (at - start.at);
      };
      return {
        text: parts.join(''),
        // The last character, and behind it: what stands between two lines belongs to neither.
        place: (from, to) => ({ from: offset(from), to: to > from ? offset(to - 1) + 1 : offset(from) }),
      };
    },
  };
}
