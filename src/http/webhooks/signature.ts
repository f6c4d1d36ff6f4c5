import { createHmac } from 'node:crypto';

/** GitHub sends no more than this; who sends more is not GitHub. */
export const MOST_BYTES = 25 * 1024 * 1024;

/**
 * What the sender must have signed, read piece by piece: the text itself is kept nowhere and never parsed, since what happened is asked of GitHub.
 * Null: it is longer than any that GitHub sends.
 */
export async function signatureOf(secret: string, body: AsyncIterable<Uint8Array>, most: number = MOST_BYTES): Promise<string | null> {
  const hmac = createHmac('sha256', secret);
  let size = 0;
  for await (const piece of body) {
    size += piece.byteLength;
    if (size > most) return null;
    hmac.update(piece);
  }
  return `sha256=${hmac.digest('hex')}`;
}
