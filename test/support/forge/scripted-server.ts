import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request as the server got it. */
export interface Got {
  readonly method: string;
  /** Path and query, as on the wire. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A value is sent as JSON, a string as it is. */
  readonly body?: unknown;
  /** `hang`: never answer; `hangup`: close without an answer; `cut`: promise the whole body, send half, close; `stall`: send half and no more. */
  readonly fault?: 'hang' | 'hangup' | 'cut' | 'stall';
}

export interface ScriptedServer {
  readonly url: string;
  readonly got: readonly Got[];
  close(): Promise<void>;
}

/** An HTTP server on loopback that answers as the function says; for a client's bad days that no well-behaved fake has. */
export async function startScripted(answer: (request: Got, count: number) => Reply): Promise<ScriptedServer> {
  const got: Got[] = [];
  const server = createServer((request, response) => {
    void bodyOf(request).then((body) => {
      const one: Got = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body };
      got.push(one);
      send(response, answer(one, got.length));
    });
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    got,
    close: () =>
      new Promise((done, fail) => {
        server.close((error) => (error ? fail(error) : done()));
        server.closeAllConnections();
      }),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function send(response: ServerResponse, { status = 200, headers = {}, body = {}, fault }: Reply): void {
  if (fault === 'hang') return;
  if (fault === 'hangup') {
    response.destroy();
    return;
  }
  const bytes = Buffer.from(status === 304 ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    ...(status === 304 ? {} : { 'content-length': bytes.length }),
    ...headers,
  });
  if (fault === undefined) {
    response.end(bytes);
    return;
  }
  response.write(bytes.subarray(0, Math.floor(bytes.length / 2)), () => {
    if (fault === 'cut') response.destroy();
  });
}
