import { request } from 'node:http';
import { createServer } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type HttpServer, startHttp } from './server.ts';

const OPTIONS = {
  host: '127.0.0.1',
  port: 0,
  token: null,
  api: null,
  metrics: async () => '# HELP a A\n',
  health: () => ({ ok: true, text: 'ok' }),
  onError: () => undefined,
};

async function started(options: Partial<typeof OPTIONS | { token: string }> = {}): Promise<HttpServer> {
  const server = await startHttp({ ...OPTIONS, ...options });
  onTestFinished(() => server.close());
  return server;
}

/** With these very headers: fetch would not send another Host. */
function ask(port: number, path: string, headers: Record<string, string>, method = 'GET'): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let body = '';
      response.on('data', (chunk: Buffer) => {
        body += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

test('a browser whose page has its name resolve to this machine is refused', async () => {
  const { port } = await started();
  expect((await ask(port, '/metrics', { host: `evil.example:${port}` })).status).toBe(403);
  expect((await ask(port, '/metrics', { host: `localhost.evil.example:${port}` })).status).toBe(403);
  expect((await ask(port, '/metrics', { host: '127.0.0.1.evil.example' })).status).toBe(403);
  expect((await ask(port, '/metrics', { host: `127.0.0.1:${port}`, origin: 'https://evil.example' })).status).toBe(403);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`, `[::1]:${port}`, 'LOCALHOST'])
    expect(await ask(port, '/metrics', { host }), host).toEqual({ status: 200, body: '# HELP a A\n' });
});

test('only reading, and only what there is', async () => {
  const { port, url } = await started();
  expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(405);
  expect((await fetch(`${url}/etc/passwd`)).status).toBe(404);
  expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  expect((await ask(port, '/metrics', { host: `localhost:${port}` }, 'HEAD')).body).toBe('');
});

test('an address that others can reach asks for the token', async () => {
  const { port } = await started({ host: '0.0.0.0', token: 's3cret' } as never);
  const from = (authorization?: string) => ask(port, '/healthz', { host: 'pi.lan', ...(authorization && { authorization }) });
  expect((await from()).status).toBe(401);
  expect((await from('Bearer s3cre')).status).toBe(401);
  expect((await from('Bearer s3cret')).status).toBe(200);
});

test('a failing page is an answer, and the server goes on', async () => {
  const told: unknown[] = [];
  const { url } = await started({
    metrics: async () => {
      throw new Error('no store');
    },
    onError: ((error: unknown) => told.push(error)) as never,
  });
  expect((await fetch(`${url}/metrics`)).status).toBe(500);
  expect(told).toEqual([new Error('no store')]);
  expect((await fetch(`${url}/healthz`)).status).toBe(200);
});

test('ill health is 503', async () => {
  const { url } = await started({ health: () => ({ ok: false, text: 'the loop has not looked for 99 s' }) });
  const answer = await fetch(`${url}/healthz`);
  expect([answer.status, await answer.text()]).toEqual([503, 'the loop has not looked for 99 s\n']);
});

test('where the port is taken the next free one is had; closing does not wait for those who keep a connection open', async () => {
  const first = await started();
  const second = await started({ port: first.port });
  expect(second.port).toBeGreaterThan(first.port);
  const idle = request({ host: '127.0.0.1', port: second.port, path: '/healthz', headers: { connection: 'keep-alive' } });
  const answered = new Promise((resolve) => idle.on('response', (response) => response.resume().on('end', resolve)));
  idle.on('error', () => undefined);
  idle.end();
  await answered;
  const before = performance.now();
  await second.close();
  expect(performance.now() - before).toBeLessThan(2_000);
});

test('an address that is not there is an error', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen({ port: 0, host: '127.0.0.1' }, resolve));
  onTestFinished(() => void taken.close());
  await expect(startHttp({ ...OPTIONS, host: '203.0.113.7' })).rejects.toThrow('EADDRNOTAVAIL');
});
