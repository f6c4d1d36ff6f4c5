import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openMemoryStore } from '../../../src/adapters/store/memory.ts';
import type { TaskId } from '../../../src/core/model/task.ts';
import type { DaemonFact } from '../../../src/engine/ports/records/facts.ts';
import type { Store } from '../../../src/engine/ports/records/store.ts';
import { createKeys } from '../../../src/http/guard/keys.ts';
import type { Desk } from '../../../src/http/routes/desk.ts';
import { type HttpServer, startHttp } from '../../../src/http/server.ts';
import { createOutlines } from '../../../src/transcript/outline/outlines.ts';
import { active, failed, NOW, pending, running } from './world.ts';

export const TOKEN = 't'.repeat(43);
export const AUTH = { authorization: `Bearer ${TOKEN}` };
export const RUN = 'w-00000a';

export interface ApiWorld {
  readonly server: HttpServer;
  readonly store: Store;
  readonly logs: string;
  readonly told: unknown[];
  ask(path: string, options?: Asking): Promise<Answer>;
}
export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}
export interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** What a daemon that has nothing to tell writes down of itself. */
export const daemonFact = (more: Partial<DaemonFact>): DaemonFact => ({
  ...{ at: NOW, draining: false, slots: 2, issues: null, pulls: null, notes: [], problems: [], held: null },
  ...more,
});

/** A server on a store in memory, whose loop answers every request at once. */
export async function apiWorld(more: Partial<Desk> | ((store: Store) => Partial<Desk>) = {}): Promise<ApiWorld> {
  const logs = mkdtempSync(join(tmpdir(), 'api-'));
  onTestFinished(() => rmSync(logs, { recursive: true }));
  const store = openMemoryStore();
  const run = running(RUN, 'gh-1');
  store.commit({
    tasks: [active('gh-1', run.id), failed('gh-2'), pending('gh-3')].map((next) => ({ next, expected: null })),
    runs: [{ next: run, expected: null }],
    history: [{ at: NOW, task: 'gh-1', run: run.id, event: 'launched', detail: 'pid 7' }],
  });
  const told: unknown[] = [];
  const none = async () => null;
  const desk: Desk = {
    ...{ root: '/somewhere', logs, version: '1.2.3', store, now: () => NOW, holder: { pid: 7, since: NOW, host: 'here' } },
    hear: (said) => {
      const request = store.ask({ ...said, at: NOW });
      for (const { id, verb, task } of store.requests())
        store.commit({ answers: [{ id, at: NOW, ok: task !== 'gh-9', message: `${verb} ${task ?? 'all'}` }] });
      return request;
    },
    ...{ diff: none, why: none, saved: async (task: TaskId) => ({ at: new Date(NOW).toISOString(), task, saved: [] }) },
    plan: async () => ({ at: new Date(NOW).toISOString(), events: [], actions: [], notes: [], next_look: null }),
    setup: async () => ({ at: new Date(NOW).toISOString(), findings: [], settings: [], problems: [], waiting: null }),
    repositories: {
      all: async () => ({ at: new Date(NOW).toISOString(), repositories: [] }),
      linkInto: async (root) => (root === '/known' ? 'http://127.0.0.1:1/enter?code=1' : null),
    },
    inside: { refusal: (task) => (task === 'gh-1' ? null : `${task} has no worker at work`), dial: async () => null },
    restore: async (task, ref) => ({ ok: ref !== 'none', message: `${ref ?? 'the newest'} of ${task}` }),
    userOf: () => null,
    workerOf: async () => null,
    approve: async (task, { remotePort }) =>
      task === 'gh-2'
        ? { ok: false, message: 'a worker', forbidden: true }
        : { ok: true, message: `port ${remotePort === undefined ? 'none' : 'known'}` },
    board: {
      read: async () => ({ at: new Date(NOW).toISOString(), text: '', sections: [], lines: [], problems: [], held: null }),
      draft: async () => ({
        at: new Date(NOW).toISOString(),
        text: '',
        sections: [],
        lines: [],
        problems: [],
        would: [],
        refused: null,
        holds: false,
        merged: null,
      }),
      save: async ({ text }) => ({
        ok: text !== 'stale',
        message: text === 'stale' ? 'line 3 was changed meanwhile' : 'tasks.md is saved',
      }),
    },
    ...(typeof more === 'function' ? more(store) : more),
  };
  const api = { desk, outlines: createOutlines(2), keys: (port: number) => createKeys(TOKEN, null, port), page: null };
  const health = () => ({ ok: true, text: 'ok' });
  const onError = (error: unknown): void => void told.push(error);
  const server = await startHttp({ host: '127.0.0.1', port: 0, token: null, metrics: async () => '# A\n', health, api, onError });
  onTestFinished(() => server.close());
  return { server, store, logs, told, ask: (path, options) => ask(server.port, path, options) };
}

/** With these very headers: fetch would not send another Host. */
function ask(port: number, path: string, { method = 'GET', headers = AUTH, body }: Asking = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
