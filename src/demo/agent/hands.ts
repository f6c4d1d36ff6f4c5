import { execFile, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Journal } from './journal.ts';
import type { Voice } from './voice.ts';

/** The trailer by which the judge knows whose commit it is. */
export const TRAILER = 'Demo-Run';
/** What the journal says when a tool was begun that never ends. */
export const WAITS = 'waits for ever';

/** What a script can do. Each call is said in the stream and written into the journal, and really done. */
export interface Hands {
  readonly run: string;
  say(text: string): Promise<void>;
  write(path: string, text: string): Promise<void>;
  append(path: string, text: string): Promise<void>;
  remove(path: string): Promise<void>;
  /** Runs the program; answers its output, and throws when it fails. */
  bash(...argv: [string, ...string[]]): Promise<string>;
  commit(subject: string): Promise<void>;
  /** A tool that never ends. */
  waitForEver(): Promise<void>;
  /** Starts a process in a session of its own and does not wait for it. */
  leaveBehind(): void;
  note: Journal['note'];
}

export interface HandsOptions {
  readonly cwd: string;
  readonly run: string;
  readonly voice: Voice;
  readonly journal: Journal;
  /** Milliseconds between two steps. */
  readonly pace: number;
  /** Aborted by an interrupt: what is in hand ends, nothing more begins. */
  readonly signal: AbortSignal;
}

export function createHands({ cwd, run, voice, journal, pace, signal }: HandsOptions): Hands {
  const breathe = (): Promise<unknown> => sleep(pace, undefined, { signal });

  async function tool(name: string, input: Readonly<Record<string, unknown>>, work: () => string | Promise<string>): Promise<string> {
    await breathe();
    const id = voice.toolUse(name, input);
    try {
      const output = await work();
      voice.toolResult(id, output, true);
      return output;
    } catch (error) {
      voice.toolResult(id, error instanceof Error ? error.message : String(error), false);
      throw error;
    }
  }

  const exec = (argv: readonly [string, ...string[]], timeout = 30_000): Promise<string> =>
    new Promise((resolve, reject) => {
      const [program, ...args] = argv;
      execFile(program, args, { cwd, signal, timeout }, (error, stdout, stderr) => {
        if (error === null) resolve(`${stdout}${stderr}`);
        else reject(error);
      });
    });

  const file = (path: string, name: string, text: string, put: (path: string) => void): Promise<string> =>
    tool(name, { file_path: join(cwd, path), content: text }, () => {
      put(join(cwd, path));
      journal.note('wrote', path);
      return `${path} is written`;
    });

  return {
    run,
    note: journal.note,
    async say(text) {
      await breathe();
      voice.say(text);
      journal.note('step', text);
    },
    async write(path, text) {
      await file(path, 'Write', text, (at) => {
        mkdirSync(dirname(at), { recursive: true });
        writeFileSync(at, text);
      });
    },
    async append(path, text) {
      await file(path, 'Edit', text, (at) => appendFileSync(at, text));
    },
    async remove(path) {
      await tool('Bash', { command: `rm ${path}` }, () => {
        rmSync(join(cwd, path), { force: true });
        return '';
      });
    },
    bash: (...argv) => tool('Bash', { command: argv.join(' ') }, () => exec(argv)),
    async commit(subject) {
      const message = `${subject}\n\n${TRAILER}: ${run}`;
      await tool('Bash', { command: `git add -A && git commit -m ${JSON.stringify(subject)}` }, async () => {
        await exec(['git', 'add', '-A']);
        await exec(['git', 'commit', '--quiet', '-m', message]);
        const commit = (await exec(['git', 'rev-parse', 'HEAD'])).trim();
        journal.note('commit', commit);
        return commit;
      });
    },
    async waitForEver() {
      journal.note('step', WAITS);
      await tool('Bash', { command: 'tail -f /dev/null' }, () => exec(['tail', '-f', '/dev/null'], 0));
    },
    leaveBehind() {
      const child = spawn('/bin/sh', ['-c', 'trap "" HUP TERM; sleep 60; exit 0'], { cwd, detached: true, stdio: 'ignore' });
      child.unref();
      journal.note('left-behind', 'a process in a session of its own');
    },
  };
}
