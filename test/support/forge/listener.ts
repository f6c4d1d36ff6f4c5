import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What came in: one request, whole. */
export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How it answers the next requests; `hang`: not at all. */
export type Answer = { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> } | 'hang';

/** A server on this machine that listens, as Slack's webhooks do, and answers as it is told. */
export interface Listener {
  readonly url: string;
  readonly heard: readonly Heard[];
  /** From now on; as Slack says it unless told otherwise. */
  answer(answer: Answer): void;
  close(): Promise<void>;
}

export async function startListener(): Promise<Listener> {
  const heard: Heard[] = [];
  let answer: Answer = { status: 200, body: 'ok' };
  const server = createServer((request, response) => {
    let body = '';
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => {
      body += chunk.toString();
    });
    request.on('end', () => {
      heard.push({ method: request.method ?? '', path: request.url ?? '', headers: request.headers, body });
      if (answer === 'hang') return;
      response.writeHead(answer.status, answer.headers);
      response.end(answer.body ?? '');
    });
  });
  await new Promise<void>((resolve) => server.listen({ host: '127.0.0.1', port: 0 }, resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    heard,
    answer: (next) => {
      answer = next;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
