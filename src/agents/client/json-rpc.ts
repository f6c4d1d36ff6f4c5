import type { Fields } from '../words/events.ts';
import { object, string } from '../words/fields.ts';

/** How the other side refused a request. */
export interface RpcRefusal {
  readonly code: number | null;
  readonly message: string;
  readonly data: unknown;
}

type Answered = (result: Fields, refused: RpcRefusal | null) => void;

/** JSON-RPC over lines, this side of it. */
export interface Rpc {
  readonly ask: (method: string, params: object, answered?: Answered) => void;
  readonly notify: (method: string, params: object) => void;
  /** A line of the other side. A request of its own is answered with what `serve` answers; null: there is no such method. */
  readonly take: (fields: Fields) => void;
}

export interface RpcSide {
  readonly write: (line: string) => void;
  /** `message`: all of it, with what stands beside its parameters. */
  readonly notified: (method: string, params: Fields, message: Fields) => void;
  readonly serve: (method: string, params: Fields) => object | null;
}

export function createRpc({ write, notified, serve }: RpcSide): Rpc {
  const waiting = new Map<number, Answered>();
  let last = 0;
  const send = (message: object): void => write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const answer = (fields: Fields): void => {
    const answered = waiting.get(Number(fields.id));
    if (answered === undefined) return;
    waiting.delete(Number(fields.id));
    const error = object(fields.error);
    answered(object(fields.result) ?? {}, error === null ? null : refusal(error));
  };
  return {
    ask: (method, params, answered = () => undefined) => {
      last += 1;
      waiting.set(last, answered);
      send({ id: last, method, params });
    },
    notify: (method, params) => send({ method, params }),
    take: (fields) => {
      const method = string(fields.method);
      const params = object(fields.params) ?? {};
      if (method === null) return answer(fields);
      if (fields.id === undefined || fields.id === null) return notified(method, params, fields);
      const result = serve(method, params);
      send(result === null ? { id: fields.id, error: { code: -32601, message: `no method ${method}` } } : { id: fields.id, result });
    },
  };
}

const refusal = (error: Fields): RpcRefusal => ({
  code: typeof error.code === 'number' ? error.code : null,
  message: string(error.message) ?? 'refused',
  data: error.data ?? null,
});
