import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Dialect, dialectOf } from './dialects.ts';
import { replyBroken } from './reply.ts';
import { choose, DEFAULT_SCRIPT, type Scripts, type Step } from './steps.ts';

/** One request to the model, for tests to look at. */
export interface Asked {
  /** The key as it was sent. */
  readonly login: string;
  readonly script: string;
  /** Which step answered; -1 for a side request without tools (a title). */
  readonly step: number;
  readonly session: string;
  readonly turns: number;
  readonly lastUser: string;
  readonly lastTool: string;
}

export interface MockModel {
  /** For ANTHROPIC_BASE_URL; add `/s/NAME` for a script of that name. */
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Lets the steps behind a gate go on. */
  open(gate: string): void;
  /** Resolves when the model has been asked `count` times (side requests aside). */
  askedTimes(count: number): Promise<void>;
  close(): Promise<void>;
}

/** In which the agents name their conversation. */
const SESSION_HEADERS = ['x-claude-code-session-id', 'session_id', 'session-id', 'x-session-id'];

/** Starts the scripted model on loopback. It speaks the dialects of all agents; which one, the path tells. */
export async function startMockModel(scripts: Scripts = {}): Promise<MockModel> {
  const asked: Asked[] = [];
  const failures = new Map<string, number>();
  const gates = new Map<string, PromiseWithResolvers<void>>();
  const waiting: { readonly count: number; readonly go: () => void }[] = [];
  const sockets = new Set<Socket>();
  const gate = (name: string): PromiseWithResolvers<void> => {
    const known = gates.get(name) ?? Promise.withResolvers<void>();
    gates.set(name, known);
    return known;
  };
  const mainCount = (): number => asked.filter((request) => request.step >= 0).length;

  async function answer(dialect: Dialect, path: string, http: IncomingMessage, response: ServerResponse, raw: string): Promise<void> {
    const request = dialect.read(raw, path);
    const script = /^\/s\/([^/]+)/.exec(path)?.[1] ?? 'default';
    const side = request.tools.length === 0;
    const { index, step } = side
      ? { index: -1, step: { text: dialect.aside(raw) } }
      : choose(request.turns, scripts[script] ?? DEFAULT_SCRIPT);
    const session = String(SESSION_HEADERS.map((name) => http.headers[name]).find((value) => value !== undefined) ?? '');
    const last = (role: string): string => request.turns.findLast((turn) => turn.role === role)?.text.slice(0, 8_000) ?? '';
    const login = String(http.headers['x-api-key'] ?? http.headers.authorization ?? '');
    asked.push({ script, step: index, session, login, turns: request.turns.length, lastUser: last('user'), lastTool: last('tool') });
    for (const waiter of waiting) if (mainCount() >= waiter.count) waiter.go();
    const now = afterFailures(step, `${session}|${script}|${index}|${JSON.stringify(step)}`);
    if (now.delayMs !== undefined) await sleep(now.delayMs);
    if (now.gate !== undefined) await gate(now.gate).promise;
    if (response.destroyed || now.hang === true) return;
    if (now.error !== undefined) dialect.error(response, now, now.error);
    else if (now.badJson === true) replyBroken(response, request.stream);
    else await dialect.reply(response, request, now, raw.length);
  }

  function afterFailures(step: Step, key: string): Step {
    if (step.times === undefined) return step;
    const count = (failures.get(key) ?? 0) + 1;
    failures.set(key, count);
    if (count <= step.times) return step;
    if (step.ok !== undefined) return step.ok;
    const { error: _error, hang: _hang, badJson: _badJson, drop: _drop, streamError: _streamError, ...rest } = step;
    return rest;
  }

  async function serve(http: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of http) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks).toString('utf8');
    const path = new URL(http.url ?? '/', 'http://mock').pathname;
    const dialect = http.method === 'POST' ? dialectOf(path) : undefined;
    if (dialect !== undefined) return await answer(dialect, path, http, response, raw);
    const counting = path.endsWith('/count_tokens');
    response.writeHead(counting ? 200 : 404, { 'content-type': 'application/json' });
    response.end(
      JSON.stringify(
        counting ? { input_tokens: Math.ceil(raw.length / 4) } : { type: 'error', error: { type: 'not_found_error', message: path } },
      ),
    );
  }

  const server = createServer((http, response) => {
    serve(http, response).catch((error: unknown) => {
      // A client that goes away in the middle is part of what is tested.
      if (!response.headersSent) response.writeHead(500);
      response.end(String(error));
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.requestTimeout = 0;
  await new Promise<void>((listening, failed) => {
    server.once('error', failed);
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    open: (name) => gate(name).resolve(),
    askedTimes: (count) => new Promise((go) => (mainCount() >= count ? go() : waiting.push({ count, go }))),
    close: () =>
      new Promise((closed) => {
        for (const { resolve } of gates.values()) resolve();
        for (const socket of sockets) socket.destroy();
        server.close(() => closed());
      }),
  };
}
