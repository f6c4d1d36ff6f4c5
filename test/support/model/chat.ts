import type { Dialect } from './dialects.ts';
import { newId, saidBy, usageOf } from './reply.ts';
import { cwdIn, textOf } from './request.ts';
import type { Turn } from './steps.ts';
import { inPieces, openaiError, openStream, sendEvent, sendJson } from './stream.ts';

interface Body {
  readonly model?: string;
  readonly stream?: boolean;
  readonly tools?: readonly { readonly function?: { readonly name?: string } }[];
  readonly messages?: readonly { readonly role: string; readonly content?: Parameters<typeof textOf>[0] | null }[];
}

/** OpenAI's chat completions, which opencode and most others speak. */
export const chat: Dialect = {
  isAt: (path) => path.endsWith('/chat/completions'),
  read: (raw) => {
    const body = JSON.parse(raw) as Body;
    const turns = (body.messages ?? []).flatMap(({ role, content }): Turn[] => {
      const text = textOf(content ?? '');
      if (role === 'assistant') return [{ role: 'model', text }];
      return role === 'user' || role === 'tool' ? [{ role, text }] : [];
    });
    const tools = (body.tools ?? []).map((tool) => tool.function?.name ?? '');
    return { model: body.model ?? 'mock-model', stream: body.stream === true, turns, tools, cwd: cwdIn(raw) };
  },
  error: openaiError,
  aside: () => 'mock side answer',
  reply: async (response, request, step, rawLength) => {
    const { calls, text } = saidBy(step, request);
    const used = usageOf(step, rawLength, text.length + JSON.stringify(calls).length);
    const usage = {
      ...{ prompt_tokens: used.input_tokens, completion_tokens: used.output_tokens },
      ...{ total_tokens: used.input_tokens + used.output_tokens, prompt_tokens_details: { cached_tokens: used.cache_read_input_tokens } },
    };
    const base = { id: newId('chatcmpl'), created: Math.floor(Date.now() / 1000), model: request.model };
    const reason = step.stop ?? (calls.length > 0 ? 'tool_calls' : 'stop');
    const tool_calls = calls.map(({ name, input }, index) => ({
      ...{ index, id: newId('call'), type: 'function' },
      function: { name, arguments: JSON.stringify(input) },
    }));
    if (!request.stream) {
      const message = { role: 'assistant', content: text, ...(tool_calls.length > 0 && { tool_calls }) };
      const choices = [{ index: 0, finish_reason: reason, message }];
      return sendJson(response, 200, { ...base, object: 'chat.completion', choices, usage }, step.headers);
    }
    openStream(response, step.headers);
    const chunk = (delta: object, finish: string | null = null): void =>
      sendEvent(response, { ...base, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });
    chunk({ role: 'assistant', content: '' });
    if (!(await inPieces(response, text, step, (content) => chunk({ content })))) return;
    if (step.drop === true) {
      response.destroy();
      return;
    }
    for (const call of tool_calls) chunk({ tool_calls: [call] });
    chunk({}, reason);
    sendEvent(response, { ...base, object: 'chat.completion.chunk', choices: [], usage });
    response.end('data: [DONE]\n\n');
  },
};
