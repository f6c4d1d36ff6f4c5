/** Longer than any line that means something; one that is cut is no JSON any more. */
const LONGEST = 32 << 20;

/** Cuts what comes in pieces into lines, without their ends. The last one counts when the pieces end. */
export function createLines(take: (line: string) => void): { readonly add: (piece: Buffer) => void; readonly end: () => void } {
  let held: Buffer[] = [];
  let size = 0;
  const flush = (): void => {
    if (size === 0) return;
    const line = Buffer.concat(held).toString('utf8');
    held = [];
    size = 0;
    take(line);
  };
  const hold = (piece: Buffer): void => {
    if (piece.length === 0 || size >= LONGEST) return;
    held.push(piece);
    size += piece.length;
  };
  return {
    add: (piece) => {
      let from = 0;
      for (let to = piece.indexOf(10); to !== -1; to = piece.indexOf(10, from)) {
        hold(piece.subarray(from, to));
        flush();
        from = to + 1;
      }
      hold(piece.subarray(from));
    },
    end: flush,
  };
}
