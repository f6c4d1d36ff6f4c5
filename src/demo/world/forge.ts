import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { JournalEntry } from '../../forge-fake/state/journal.ts';
import type { State } from '../../forge-fake/state/state.ts';
import { ownProgram } from '../../place/own-files.ts';
import { type Child, watchChild } from '../ground/child.ts';

export const REPO = 'acme/widgets';
export const LABEL = 'rpi-auto';
/** The people of the demo's forge; tac8 itself is `tac8-bot`. */
export const PEOPLE = { maintainer: 'mara', outsider: 'otto', bot: 'tac8-bot' } as const;

export type ForgeState = Omit<State, 'users'>;

/** The demo's own GitHub, in a process of its own. */
export interface DemoForge {
  readonly url: string;
  readonly cloneUrl: string;
  /** The bare repository on disk. */
  readonly bare: string;
  readonly child: Child;
  /** What a person does there, below `/__fake`, or looks up. Throws with the answer's text when it is refused. */
  act(method: 'GET' | 'POST' | 'PATCH' | 'DELETE', path: string, body?: object): Promise<unknown>;
  state(): Promise<ForgeState>;
  /** Every request after that number. */
  journal(since: number): Promise<readonly JournalEntry[]>;
}

const START_LIMIT = 15_000;
const ANSWER_LIMIT = 10_000;

/** Starts it on a free port of this machine alone. It ends by itself when this process is gone. */
export async function startForge(dir: string, env: Readonly<Record<string, string>>): Promise<DemoForge> {
  const main = ownProgram('forge-fake/main');
  const args = [main, '--dir', dir, '--repo', REPO, '--parent-pid', String(process.pid)];
  const spawned = spawn(process.execPath, args, { cwd: dir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const child = watchChild(spawned);
  let complaint = '';
  spawned.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString();
  });
  const lines = createInterface({ input: spawned.stdout });
  try {
    const first = await Promise.race([
      once(lines, 'line', { signal: AbortSignal.timeout(START_LIMIT) }),
      child.ended.then((how) => Promise.reject(new Error(`the demo's forge ended at once (${how}): ${complaint.trim()}`))),
    ]);
    const ready = JSON.parse(String(first[0])) as { url: string; cloneUrl: string; bare: string };
    return { ...ready, child, ...client(ready.url) };
  } catch (error) {
    await child.end([]);
    throw error;
  }
}

function client(url: string): Pick<DemoForge, 'act' | 'state' | 'journal'> {
  const ask = async (method: string, path: string, body?: object): Promise<unknown> => {
    const signal = AbortSignal.timeout(ANSWER_LIMIT);
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${url}/__fake/${path}`, { method, signal, ...content });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`the demo's forge answers ${answer.status} to ${method} ${path}: ${text}`);
    return text === '' ? null : JSON.parse(text);
  };
  return {
    act: ask,
    state: async () => (await ask('GET', 'state')) as ForgeState,
    journal: async (since) => (await ask('GET', `journal?since=${since}`)) as readonly JournalEntry[],
  };
}
