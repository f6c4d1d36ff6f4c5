import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Call, callsOf, type ModelRequest } from './request.ts';
import type { Step } from './steps.ts';

export const ERROR_TYPES: Readonly<Record<number, string>> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  500: 'api_error',
  529: 'overloaded_error',
};

export const newId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

export function replyError(response: ServerResponse, step: Step, status: number): void {
  const error = { type: step.type ?? ERROR_TYPES[status] ?? 'api_error', message: step.message ?? `mock ${status}` };
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': newId('req'), ...step.headers });
  response.end(JSON.stringify({ type: 'error', error }));
}

export function replyBroken(response: ServerResponse, stream: boolean): void {
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  response.end(stream ? 'event: message_start\ndata: {"type":"message_start","message":{oops\n\n' : '{"oops');
}

type Content = { readonly type: 'text'; readonly text: string } | ({ readonly type: 'tool_use'; readonly id: string } & Call);

/** What the model says at this step, whatever the dialect. */
export function saidBy(step: Step, request: ModelRequest): { readonly calls: readonly Call[]; readonly text: string } {
  const calls = callsOf(step, request);
  return { calls, text: step.hugeText ? 'x'.repeat(step.hugeText) : (step.text ?? step.say ?? (calls.length > 0 ? '' : 'ok')) };
}

/** Four characters are one token. */
export const usageOf = (step: Step, asked: number, said: number) => ({
  input_tokens: Math.max(1, Math.ceil(asked / 4)),
  output_tokens: Math.max(1, Math.ceil(said / 4)),
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  ...step.usage,
});

/** Answers as the messages endpoint does, in one piece or as a stream of events. */
export async function reply(response: ServerResponse, request: ModelRequest, step: Step, rawLength: number): Promise<void> {
  const { calls, text } = saidBy(step, request);
  const content: Content[] = [
    ...(text === '' ? [] : [{ type: 'text' as const, text }]),
    ...calls.map((call) => ({ type: 'tool_use' as const, id: newId('toolu'), ...call })),
  ];
  const usage = usageOf(step, rawLength, text.length + JSON.stringify(calls).length);
  const end = { stop_reason: step.stop ?? (calls.length > 0 ? 'tool_use' : 'end_turn'), stop_sequence: null };
  const message = { id: newId('msg'), type: 'message', role: 'assistant', model: request.model };
  const headers = { 'request-id': newId('req'), ...step.headers };
  if (!request.stream) {
    response.writeHead(200, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify({ ...message, content, ...end, usage }));
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers });
  const begun = { ...message, content: [], stop_reason: null, stop_sequence: null, usage: { ...usage, output_tokens: 1 } };
  send(response, 'message_start', { message: begun });
  for (const [index, block] of content.entries()) {
    if (!(await sendBlock(response, index, block, step, index === content.length - 1))) return;
  }
  if (step.streamError !== undefined) {
    send(response, 'error', { error: { type: step.streamError, message: step.message ?? 'mock stream error' } });
  } else {
    send(response, 'message_delta', { delta: end, usage });
    send(response, 'message_stop', {});
  }
  response.end();
}

const send = (response: ServerResponse, type: string, data: object): boolean =>
  response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);

/** One content block in pieces; false when the connection is gone or was cut on purpose. */
async function sendBlock(response: ServerResponse, index: number, block: Content, step: Step, last: boolean): Promise<boolean> {
  const text = block.type === 'text';
  send(response, 'content_block_start', { index, content_block: text ? { type: 'text', text: '' } : { ...block, input: {} } });
  const body = text ? block.text : JSON.stringify(block.input);
  const size = body.length > 20_000 ? 4096 : 24;
  for (let from = 0; from < body.length; from += size) {
    if (response.destroyed) return false;
    if (step.drop === true && last) {
      response.destroy();
      return false;
    }
    const piece = body.slice(from, from + size);
    send(response, 'content_block_delta', {
      index,
      delta: text ? { type: 'text_delta', text: piece } : { type: 'input_json_delta', partial_json: piece },
    });
    if (step.chunkMs !== undefined) await sleep(step.chunkMs);
  }
  send(response, 'content_block_stop', { index });
  return true;
}
