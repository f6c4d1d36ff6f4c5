import { once } from 'node:events';
import { appendFileSync, existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import type { TestContext } from 'vitest';
import { type Daemon, LABEL, type Workplace, workplace } from '../world/daemon.ts';
import { type Opening, openBrowser, type Watched, watchedPage } from './browser.ts';

/** Says what stands in the notes, line by line, until it is ended. */
const AGENT = 'cat >/dev/null; touch "$1/$TAC8_TASK"; echo work >work.txt; exec tail -n +1 -f "$1/$TAC8_TASK"';

export interface Scene extends Watched {
  readonly place: Workplace;
  readonly daemon: Daemon;
  readonly url: string;
  /** The agent of a task says these lines. */
  say(task: string, lines: readonly unknown[]): void;
}

interface Cast extends Opening {
  readonly agent?: string;
  /** In place of the scene's own; `called` is its agent with a further word. */
  readonly settings?: (called: (name: string) => object) => Readonly<Record<string, unknown>>;
  /** Done before the daemon is started. */
  readonly before?: (place: Workplace) => void;
  /** On each issue besides. */
  readonly labels?: readonly string[];
  /** Who has to be at work before it begins. */
  readonly workers?: readonly string[];
}

/** Agents at work on an issue each, and a browser that was let in. */
export async function openScene(
  context: TestContext,
  titles: readonly string[],
  {
    agent = AGENT,
    settings = () => ({}),
    before = () => undefined,
    labels = [],
    workers = titles.map((_, n) => `gh-${n + 1}`),
    ...opening
  }: Cast = {},
): Promise<Scene> {
  const place = await workplace(context);
  Object.assign(place.env, { NODE: process.execPath, ROOT: place.root });
  const own = place.agent(agent);
  const called = (name: string) => ({ ...own, command: [...own.command, name], env: ['NODE', 'ROOT'] });
  place.configure({
    agent: { ...own, env: ['NODE', 'ROOT'] },
    max_concurrent_workers: titles.length,
    http: { port: await freePort() },
    ...settings(called),
  });
  for (const title of titles) place.fake.createIssue('wil', { title, body: '', labels: [LABEL, ...labels] });
  before(place);
  const daemon = place.start();
  await place.until('the workers', () => workers.every((name) => existsSync(join(place.notes, name))));
  // Where many things go on, a worker may be there before the page is.
  const http = await place.until('the page', () => place.read('.tac8/http.json') || false);
  const { url } = JSON.parse(http) as { url: string };
  const watched = await watchedPage(await openBrowser(context, opening), url);
  await watched.page.goto(await linkTo(place));
  const say = (task: string, lines: readonly unknown[]): void =>
    appendFileSync(join(place.notes, task), lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''));
  return { ...watched, place, daemon, url, say };
}

/** One that the daemon has again after a restart. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A link that lets a browser in; a daemon that is busy with its first tick may not give one at once. */
async function linkTo(place: Workplace): Promise<string> {
  return place.until('a link to the page', async () => {
    const { code, out } = await place.tac8('page', '--json');
    return code === 0 ? (JSON.parse(out) as { url: string }).url : false;
  });
}

let time = Date.parse('2026-11-29T12:00:00Z');
const later = (): string => {
  time += 1500;
  return new Date(time).toISOString();
};

/** Lines as Claude Code writes them. */
export const text = (words: string): unknown => ({
  type: 'assistant',
  timestamp: later(),
  message: { id: `m${time}`, role: 'assistant', content: [{ type: 'text', text: words }] },
});
export const call = (id: string, name: string, input: unknown): unknown => ({
  type: 'assistant',
  timestamp: later(),
  message: { id: `m${time}`, role: 'assistant', content: [{ type: 'tool_use', id, name, input }] },
});
export const result = (id: string, output: string, isError = false): unknown => ({
  type: 'user',
  timestamp: later(),
  message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, is_error: isError, content: output }] },
});
