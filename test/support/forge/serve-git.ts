import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** git over HTTP on this machine: answers `status` when set, else asks for the token and serves with git's own backend. */
export interface HttpRemote {
  readonly url: string;
  readonly seen: { readonly path: string; readonly authorization: string | undefined }[];
  status: number | 'hang' | null;
  /** Set with every answer; null: none. */
  cookie: string | null;
  /** Called for each request before it is answered. */
  onRequest: (() => void) | null;
  close(): Promise<void>;
}

export async function serveGit(folder: string, token: string, at = { host: '127.0.0.1', port: 0 }): Promise<HttpRemote> {
  const seen: HttpRemote['seen'] = [];
  const state: Pick<HttpRemote, 'status' | 'cookie' | 'onRequest'> = { status: null, cookie: null, onRequest: null };
  const server: Server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    seen.push({ path: pathname, authorization: request.headers.authorization });
    state.onRequest?.();
    if (state.cookie !== null) response.setHeader('set-cookie', state.cookie);
    if (state.status === 'hang') return;
    const status = state.status ?? (request.headers.authorization === token ? 200 : 401);
    if (status !== 200) {
      response.writeHead(status, status === 401 ? { 'www-authenticate': 'Basic realm="test"' } : {}).end('no');
      return;
    }
    const env = {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: folder,
      GIT_HTTP_EXPORT_ALL: '1',
      REMOTE_USER: 'tac8',
      PATH_INFO: pathname,
      QUERY_STRING: searchParams.toString(),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
    };
    const backend = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
    const out: Buffer[] = [];
    request.pipe(backend.stdin);
    backend.stdin.on('error', () => undefined);
    backend.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    backend.on('close', () => {
      const whole = Buffer.concat(out);
      const end = whole.indexOf('\r\n\r\n');
      const lines = whole.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
      response.writeHead(Number(headers.Status?.slice(0, 3) ?? 200), headers).end(whole.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(at.port, at.host, resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(state, {
    url: `http://${at.host}:${port}/origin.git`,
    seen,
    close: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  });
}
