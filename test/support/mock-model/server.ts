import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { reply, replyBroken, replyError } from './reply.ts';
import { readRequest } from './request.ts';
import { choose, DEFAULT_SCRIPT, type Scripts, type Step } from './steps.ts';

/** One request to the model, for tests to look at. */
export interface Asked {
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

/** Starts the scripted model on loopback, in the dialect that claude speaks. */
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

  async function answer(path: string, http: IncomingMessage, response: ServerResponse, raw: string): Promise<void> {
    const request = readRequest(raw);
    const script = /^\/s\/([^/]+)/.exec(path)?.[1] ?? 'default';
    const side = request.tools.length === 0;
    const { index, step } = side
      ? { index: -1, step: { text: 'mock side answer' } }
      : choose(request.turns, scripts[script] ?? DEFAULT_SCRIPT);
    const session = String(http.headers['x-claude-code-session-id'] ?? '');
    const last = (role: string): string => request.turns.findLast((turn) => turn.role === role)?.text.slice(0, 500) ?? '';
    asked.push({ script, step: index, session, turns: request.turns.length, lastUser: last('user'), lastTool: last('tool') });
    for (const waiter of waiting) if (mainCount() >= waiter.count) waiter.go();
    const now = afterFailures(step, `${session}|${script}|${index}|${JSON.stringify(step)}`);
    if (now.delayMs !== undefined) await sleep(now.delayMs);
    if (now.gate !== undefined) await gate(now.gate).promise;
    if (response.destroyed || now.hang === true) return;
    if (now.error !== undefined) replyError(response, now, now.error);
    else if (now.badJson === true) replyBroken(response, request.stream);
    else await reply(response, request, now, raw.length);
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
    if (http.method === 'POST' && path.endsWith('/v1/messages')) return await answer(path, http, response, raw);
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
