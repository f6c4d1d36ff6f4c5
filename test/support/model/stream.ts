import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { ERROR_TYPES } from './reply.ts';
import type { Step } from './steps.ts';

export function openStream(response: ServerResponse, headers: Step['headers'] = {}): void {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
}

export function sendEvent(response: ServerResponse, data: object, event?: string): void {
  response.write(`${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(data)}\n\n`);
}

/** A text in pieces; false when the client went away meanwhile. */
export async function inPieces(response: ServerResponse, text: string, step: Step, send: (piece: string) => void): Promise<boolean> {
  const size = text.length > 20_000 ? 4096 : 24;
  for (let from = 0; from < text.length; from += size) {
    if (response.destroyed) return false;
    send(text.slice(from, from + size));
    if (step.chunkMs !== undefined) await sleep(step.chunkMs);
  }
  return true;
}

export function sendJson(response: ServerResponse, status: number, body: object, headers: Step['headers'] = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

/** As OpenAI words an error. */
export function openaiError(response: ServerResponse, step: Step, status: number): void {
  const error = { type: step.type ?? ERROR_TYPES[status] ?? 'server_error', code: null, param: null };
  sendJson(response, status, { error: { ...error, message: step.message ?? `mock ${status}`, ...step.detail } }, step.headers);
}
