import { randomUUID } from 'node:crypto';
import { object, parseObject, string, textOf } from '../words/fields.ts';

/** What the daemon says to a client, in the words of Claude Code: one protocol for whoever stands at the other end of the FIFO. */
export type Order = { readonly kind: 'say'; readonly text: string; readonly name: string | null } | { readonly kind: 'interrupt' };

/** A message to the agent as a line for its stdin. One that has a name is acknowledged, and taken only once. */
export const tellLine = (text: string, name?: string): string =>
  `${JSON.stringify({ type: 'user', message: { role: 'user', content: [{ type: 'text', text }] }, ...(name === undefined ? {} : { uuid: name }) })}\n`;

/** Asks it to end its turn; it stays for the next message. */
export const interruptLine = (): string =>
  `${JSON.stringify({ type: 'control_request', request_id: randomUUID(), request: { subtype: 'interrupt' } })}\n`;

/** Such a line read back; null: it is none. */
export function readOrder(line: string): Order | null {
  const fields = parseObject(line);
  if (fields?.type === 'user') return { kind: 'say', text: textOf(object(fields.message)?.content), name: string(fields.uuid) };
  if (fields?.type === 'control_request' && object(fields.request)?.subtype === 'interrupt') return { kind: 'interrupt' };
  return null;
}
