import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach } from 'vitest';
import { type FakeGitHub, type FakeGitHubOptions, startFakeGitHub } from '../../../src/forge-fake/server.ts';
import { ONE_OF_EACH } from './one-of-each.ts';

const endings: (() => Promise<void>)[] = [];

/** A new temporary folder, gone after the test. */
export async function scratch(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'tac8-fake-'));
  endings.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

/** Starts `acme/widgets` with one commit and one user of each role; closed after the test, as is its folder. */
export async function fakeGitHub(options: Partial<FakeGitHubOptions> = {}): Promise<FakeGitHub> {
  const dir = options.dir ?? (await scratch());
  const repo = { owner: 'acme', name: 'widgets' };
  const fake = await startFakeGitHub({ repo, files: { 'README.md': 'Hi\n' }, users: ONE_OF_EACH, ...options, dir });
  endings.push(() => fake.close());
  return fake;
}

afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end();
});

export interface Answered {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed; undefined where it is no JSON. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of any shape
  readonly json: any;
}

/** Asks the fake; `as`: a login, or nobody. */
export async function ask(fake: FakeGitHub, method: string, path: string, as?: string, body?: unknown, headers = {}): Promise<Answered> {
  const response = await fetch(new URL(path, fake.url), {
    method,
    headers: { ...(as === undefined ? {} : { authorization: `Bearer ${fake.token(as)}` }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, json: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
