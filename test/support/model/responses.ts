import type { Dialect } from './dialects.ts';
import { newId, saidBy, usageOf } from './reply.ts';
import { cwdIn, textOf } from './request.ts';
import type { Turn } from './steps.ts';
import { inPieces, openaiError, openStream, sendEvent, sendJson } from './stream.ts';

interface Item {
  readonly type?: string;
  readonly role?: string;
  readonly content?: Parameters<typeof textOf>[0];
  readonly output?: Parameters<typeof textOf>[0];
}
interface Body {
  readonly model?: string;
  readonly stream?: boolean;
  readonly input?: string | readonly Item[];
  readonly tools?: readonly { readonly name?: string; readonly type?: string }[];
}

/** Tools of one server have its name before theirs. */
function called(name: string): object {
  const [namespace, own] = name.split(':');
  return own === undefined ? { name } : { namespace, name: own };
}

/** OpenAI's Responses, which codex speaks. */
export const responses: Dialect = {
  isAt: (path) => path.endsWith('/responses'),
  read: (raw) => {
    const body = JSON.parse(raw) as Body;
    const input = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input ?? []);
    const tools = (body.tools ?? []).map(({ name, type }) => name ?? type ?? '');
    return { model: body.model ?? 'mock-model', stream: body.stream === true, turns: turnsOf(input), tools, cwd: cwdIn(raw) };
  },
  error: openaiError,
  aside: () => 'mock side answer',
  reply: async (response, request, step, rawLength) => {
    const { calls, text } = saidBy(step, request);
    const used = usageOf(step, rawLength, text.length + JSON.stringify(calls).length);
    const usage = {
      ...{ input_tokens: used.input_tokens, input_tokens_details: { cached_tokens: used.cache_read_input_tokens } },
      ...{ output_tokens: used.output_tokens, output_tokens_details: { reasoning_tokens: 0 } },
      total_tokens: used.input_tokens + used.output_tokens,
    };
    const base = { id: newId('resp'), object: 'response', created_at: Math.floor(Date.now() / 1000), model: request.model };
    const content = [{ type: 'output_text', text, annotations: [] }];
    const output = [
      ...(text === '' ? [] : [{ type: 'message', id: newId('msg'), role: 'assistant', status: 'completed', content }]),
      ...calls.map(({ name, input }) => ({
        ...{ type: 'function_call', id: newId('fc'), call_id: newId('call'), ...called(name) },
        ...{ arguments: JSON.stringify(input), status: 'completed' },
      })),
    ];
    const done = { ...base, status: 'completed', output, usage };
    if (!request.stream) return sendJson(response, 200, done, step.headers);
    openStream(response, step.headers);
    const send = (type: string, data: object): void => sendEvent(response, { type, ...data }, type);
    send('response.created', { response: { ...base, status: 'in_progress', output: [] } });
    for (const [index, item] of output.entries()) {
      send('response.output_item.added', { output_index: index, item: { ...item, status: 'in_progress', content: [] } });
      const delta = { item_id: item.id, output_index: index, content_index: 0 };
      const isWhole =
        item.type !== 'message' ||
        (await inPieces(response, text, step, (piece) => send('response.output_text.delta', { ...delta, delta: piece })));
      if (!isWhole) return;
      if (step.drop === true && index === output.length - 1) {
        response.destroy();
        return;
      }
      send('response.output_item.done', { output_index: index, item });
    }
    const error = { code: step.streamError, message: step.message ?? 'mock stream error' };
    if (step.streamError !== undefined) send('response.failed', { response: { ...base, status: 'failed', error } });
    else send('response.completed', { response: done });
    response.end();
  },
};

/** One reply may come back as several items, a text and calls: they are one turn. */
function turnsOf(items: readonly Item[]): readonly Turn[] {
  const turns: { role: Turn['role']; text: string }[] = [];
  for (const item of items) {
    const role = roleOf(item);
    if (role === null) continue;
    const last = turns.at(-1);
    const text = textOf((role === 'tool' ? item.output : item.content) ?? '');
    if (role === 'model' && last?.role === 'model') last.text += text;
    else turns.push({ role, text });
  }
  return turns;
}

function roleOf({ type, role }: Item): Turn['role'] | null {
  if (role === 'assistant' || type?.endsWith('call') === true) return 'model';
  if (type?.endsWith('call_output') === true) return 'tool';
  return role === 'user' ? 'user' : null;
}
