/*
 * A line of JSON may hold a tool's whole output. One of 20 MB is not kept in memory: its strings are cut while the bytes
 * come in, so that what is left is the same JSON with shorter strings.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const U = 0x75;
const CUT = Buffer.from('…');

export interface Squeezer {
  feed(bytes: Buffer): void;
  /** What is left, and whether it is still one piece: past `maxBytes` the rest is dropped. */
  end(): { readonly bytes: Buffer; readonly whole: boolean };
}

/** Keeps at most `maxString` bytes of each string and `maxBytes` in all. Whatever is not JSON comes out cut at `maxBytes`. */
export function squeezer(maxString: number, maxBytes: number): Squeezer {
  const kept: Buffer[] = [];
  let size = 0;
  let inString = false;
  let length = 0;
  /** Digits of a \u escape still to come: it is never cut in two. */
  let hexLeft = 0;
  let escaping = false;
  const keep = (bytes: Buffer): void => {
    const room = Math.max(0, maxBytes - size);
    if (room > 0) kept.push(Buffer.from(bytes.subarray(0, room)));
    size += bytes.length;
  };
  /** How a byte inside a string changes the state; true: the string may be cut before it. */
  const inside = (byte: number): boolean => {
    if (escaping) {
      escaping = false;
      hexLeft = byte === U ? 4 : 0;
      return false;
    }
    if (hexLeft > 0) {
      hexLeft--;
      return false;
    }
    escaping = byte === BACKSLASH;
    // Not between the bytes of one character either.
    return (byte & 0xc0) !== 0x80;
  };
  let dropping = false;
  const feed = (bytes: Buffer): void => {
    let from = 0;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (!inString) {
        if (byte === QUOTE) {
          inString = true;
          length = 0;
        }
        continue;
      }
      const boundary = inside(byte);
      if (boundary && byte === QUOTE) {
        inString = false;
        if (dropping) {
          dropping = false;
          keep(CUT);
          from = i;
        }
      } else if (!dropping && boundary && ++length > maxString) {
        keep(bytes.subarray(from, i));
        dropping = true;
      }
    }
    if (!dropping) keep(bytes.subarray(from));
  };
  return { feed, end: () => ({ bytes: Buffer.concat(kept), whole: size <= maxBytes }) };
}
