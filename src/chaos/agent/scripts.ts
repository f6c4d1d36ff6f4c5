import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from '../../demo/agent/journal.ts';
import type { Voice } from '../../demo/agent/voice.ts';
import type { Kind } from '../world/kinds.ts';
import { untilThereIsRoom } from './words.ts';

export interface Body {
  readonly run: string;
  readonly mark: string;
  /** Which attempt of the task this is, by the agents' own journals. */
  readonly attempt: number;
  readonly voice: Voice;
  readonly journal: Journal;
  /** Writes raw text to the log. */
  readonly mouth: (text: string) => void;
  /** Aborted by an interrupt that is obeyed. */
  readonly signal: AbortSignal;
}

const PACE_MS = 150;
const FLOOD_PIECES = 16;

/** What the agent does; answers its last words. */
type Script = (body: Body) => Promise<string>;

let written = 0;

/** A file of its own name each time: whatever becomes of the run, its text has to be in git afterwards. */
export function writeWork({ run, journal }: Body): void {
  written += 1;
  const path = `work/${run}-${written}.txt`;
  const text = `${path}: the only copy of ${createHash('sha256').update(`${run}${written}${process.hrtime.bigint()}`).digest('hex')}\n`;
  untilThereIsRoom(() => mkdirSync('work', { recursive: true }));
  untilThereIsRoom(() => writeFileSync(path, text));
  const blob = createHash('sha1')
    .update(`blob ${Buffer.byteLength(text)}\0${text}`)
    .digest('hex');
  journal.note('wrote', `${blob} ${path}`);
}

const git = (...args: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile('git', args, { timeout: 20_000 }, (error, stdout) => (error === null ? resolve(stdout.trim()) : reject(error)));
  });

async function commit({ run, journal }: Body): Promise<void> {
  for (let left = 8; ; left -= 1) {
    try {
      await git('add', '-A');
      await git('commit', '--quiet', '-m', `Work of ${run}`);
      break;
    } catch (error) {
      // The disk may be full for a moment.
      if (left === 0) throw error;
      await sleep(250);
    }
  }
  journal.note('commit', await git('rev-parse', 'HEAD'));
}

async function talk({ voice, signal }: Body, times: number): Promise<void> {
  for (let i = 1; i <= times; i += 1) {
    await sleep(PACE_MS, undefined, { signal });
    voice.say(`Step ${i}.`);
  }
}

async function waitForEver({ journal, signal }: Body): Promise<string> {
  journal.note('step', 'waits for ever');
  await sleep(600_000, undefined, { signal });
  return '';
}

async function deliver(body: Body): Promise<string> {
  await talk(body, 6);
  writeWork(body);
  await commit(body);
  writeWork(body); // uncommitted at the end
  await talk(body, 4);
  return 'It is done and committed.';
}

/** Forked twice, in a session of its own, with an empty environment, deaf to everything but SIGKILL. */
function leaveBehind({ run, mark, journal }: Body): void {
  const name = join('/', 'tmp', `${mark}.${run}.hold`);
  const script = 'trap "" HUP INT TERM; exec timeout -s KILL 80 tail -F "$0" 2>/dev/null';
  const child = spawn('setsid', ['--fork', 'env', '-i', '/bin/sh', '-c', script, name], { stdio: 'ignore' });
  child.unref();
  journal.note('left-behind', 'a process with neither parent, session nor environment');
}

export const SCRIPTS: Readonly<Record<Kind, Script>> = {
  succeed: deliver,
  async crash(body) {
    await talk(body, 2);
    if (body.attempt > 2) return deliver(body);
    if (body.attempt === 2) {
      body.journal.note('crash', 'exit 3');
      process.exit(3);
    }
    body.journal.note('crash', 'exit 137');
    process.kill(process.pid, 'SIGKILL');
    return waitForEver(body);
  },
  async hang(body) {
    await talk(body, 2);
    return waitForEver(body);
  },
  async stubborn(body) {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => body.journal.note('signal', name));
    await talk(body, 2);
    return waitForEver(body);
  },
  async half(body) {
    await talk(body, 1);
    body.mouth('{"type":"assistant","message":{"content":[{"type":"text","text":"Half a li');
    return waitForEver(body);
  },
  async escape(body) {
    leaveBehind(body);
    return deliver(body);
  },
  async flood(body) {
    const block = { type: 'text', text: 'water '.repeat(330) };
    const line = `${JSON.stringify({ type: 'assistant', message: { id: 'msg_flood', role: 'assistant', content: [block] } })}\n`;
    for (let i = 0; i < FLOOD_PIECES; i += 1) body.mouth(line.repeat(32));
    return deliver(body);
  },
  async question(body) {
    await talk(body, 2);
    untilThereIsRoom(() => writeFileSync('BLOCKED.md', 'Left or right?\n'));
    return 'The question is in BLOCKED.md.';
  },
  async nothing(body) {
    await talk(body, 2);
    return body.attempt > 1 ? deliver(body) : 'Nothing was to be done.';
  },
};
