import type { Dialect } from './dialects.ts';
import { saidBy, usageOf } from './reply.ts';
import { cwdIn } from './request.ts';
import type { Turn } from './steps.ts';
import { inPieces, openStream, sendEvent, sendJson } from './stream.ts';

interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Body {
  readonly contents?: readonly {
    readonly role?: string;
    readonly parts?: readonly { readonly text?: string; readonly functionResponse?: { readonly response?: unknown } }[];
  }[];
  readonly tools?: readonly { readonly functionDeclarations?: readonly { readonly name: string }[] }[];
  readonly generationConfig?: { readonly responseJsonSchema?: Schema; readonly responseSchema?: Schema };
}

const STATUS: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** Google's generateContent, which gemini speaks. */
export const gemini: Dialect = {
  isAt: (path) => /:(?:stream)?[gG]enerateContent$/.test(path),
  read: (raw, path) => {
    const body = JSON.parse(raw) as Body;
    const tools = (body.tools ?? []).flatMap(({ functionDeclarations = [] }) => functionDeclarations.map(({ name }) => name));
    const model = /models\/([^:]+):/.exec(path)?.[1] ?? 'mock-model';
    return { model, stream: path.includes(':stream'), turns: (body.contents ?? []).flatMap(turnsOf), tools, cwd: cwdIn(raw) };
  },
  error: (response, step, status) => {
    const error = {
      code: status,
      message: step.message ?? `mock ${status}`,
      status: step.type ?? STATUS[status] ?? 'INTERNAL',
      ...step.detail,
    };
    sendJson(response, status, { error }, step.headers);
  },
  aside: (raw) => {
    const { responseJsonSchema, responseSchema } = (JSON.parse(raw) as Body).generationConfig ?? {};
    const schema = responseJsonSchema ?? responseSchema;
    return schema === undefined ? 'mock side answer' : JSON.stringify(smallest(schema));
  },
  reply: async (response, request, step, rawLength) => {
    const { calls, text } = saidBy(step, request);
    const used = usageOf(step, rawLength, text.length + JSON.stringify(calls).length);
    const usageMetadata = {
      ...{ promptTokenCount: used.input_tokens, candidatesTokenCount: used.output_tokens },
      totalTokenCount: used.input_tokens + used.output_tokens,
    };
    const make = (parts: readonly object[], finishReason?: string): object => ({
      candidates: [{ index: 0, content: { role: 'model', parts }, ...(finishReason !== undefined && { finishReason }) }],
      ...{ usageMetadata, modelVersion: request.model },
    });
    const functionCalls = calls.map(({ name, input }) => ({ functionCall: { name, args: input } }));
    if (!request.stream) return sendJson(response, 200, make([...(text === '' ? [] : [{ text }]), ...functionCalls], 'STOP'), step.headers);
    openStream(response, step.headers);
    if (!(await inPieces(response, text, step, (piece) => sendEvent(response, make([{ text: piece }]))))) return;
    if (step.drop === true) {
      response.destroy();
      return;
    }
    sendEvent(response, make(functionCalls, step.stop ?? 'STOP'));
    response.end();
  },
};

function turnsOf({ role, parts = [] }: NonNullable<Body['contents']>[number]): readonly Turn[] {
  if (role === 'model') return [{ role: 'model', text: parts.map(({ text }) => text ?? '').join('\n') }];
  return parts.flatMap(({ text, functionResponse }): Turn[] => {
    if (functionResponse !== undefined) return [{ role: 'tool', text: JSON.stringify(functionResponse.response) }];
    return text === undefined ? [] : [{ role: 'user', text }];
  });
}

/** The smallest value of a shape. */
function smallest(schema: Schema): unknown {
  if (schema.enum !== undefined) return schema.enum[0];
  switch (String(schema.type).toLowerCase()) {
    case 'object':
      return Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, one]) => [name, smallest(one)]));
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return false;
    default:
      return 'mock';
  }
}
