import { isUtf8 } from 'node:buffer';

/*
 * `tasks.md` is UTF-8, but one stray byte in a person's note must not be lost: bytes that are no UTF-8 become lone low surrogates
 * (U+DC80…U+DCFF) in memory and the same bytes again on disk.
 */

/** `bytes` may be overwritten afterwards. */
export function decode(bytes: Buffer): string {
  if (bytes.length < LONG) return decodeAnew(bytes);
  const known = recent.find((one) => one.bytes.equals(bytes));
  if (known !== undefined) return known.text;
  return keep(Buffer.from(bytes), decodeAnew(bytes)).text;
}

/** The same long file is read again and again, the text that was written a moment ago among it. */
const LONG = 32 * 1024;
const KEPT = 2;
const recent: { readonly bytes: Buffer; readonly text: string }[] = [];

function keep(bytes: Buffer, text: string) {
  const pair = { bytes, text };
  recent.splice(0, recent.length, pair, ...recent.slice(0, KEPT - 1));
  return pair;
}

function decodeAnew(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString('utf8');
  const parts: string[] = [];
  let from = 0;
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    if (length > 0) {
      at += length;
      continue;
    }
    parts.push(bytes.toString('utf8', from, at), String.fromCharCode(0xdc00 + (bytes[at] ?? 0)));
    at += 1;
    from = at;
  }
  parts.push(bytes.toString('utf8', from));
  return parts.join('');
}

/** Length of the valid character that starts here, or 0. */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0;
  if (first < 0x80) return 1;
  const length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 0;
  return length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length)) ? length : 0;
}

export function encode(text: string): Buffer {
  if (text.isWellFormed()) {
    const known = text.length < LONG ? undefined : recent.find((one) => one.text === text);
    if (known !== undefined) return known.bytes;
    const bytes = Buffer.from(text, 'utf8');
    return bytes.length < LONG ? bytes : keep(bytes, text).bytes;
  }
  const parts: Buffer[] = [];
  let from = 0;
  for (const { 0: char, index } of text.matchAll(/\p{Surrogate}/gu)) {
    const byte = char.charCodeAt(0) - 0xdc00;
    parts.push(
      Buffer.from(text.slice(from, index), 'utf8'),
      byte >= 0x80 && byte <= 0xff ? Buffer.from([byte]) : Buffer.from('\ufffd', 'utf8'),
    );
    from = index + 1;
  }
  parts.push(Buffer.from(text.slice(from), 'utf8'));
  return Buffer.concat(parts);
}
