import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

export const ROOT = join(import.meta.dirname, '../..');
const TAC8 = join(ROOT, 'bin/tac8');
const LOOK_EVERY_MS = 150;

export const PICTURES = join(ROOT, 'docs/pictures');

/** As much of `tac8 status --json` as tells whether a moment makes a picture. */
interface Seen {
  readonly tasks: readonly {
    readonly state: string;
    readonly run: { readonly state: string; readonly activity: string | null } | null;
  }[];
}

/** A demo that is under way. */
export interface Demo {
  /** Its folder, which goes with it. */
  readonly place: string;
  /** What a command prints in its repository. */
  say(words: readonly string[], env?: Readonly<Record<string, string>>): string;
}

/** How much there is to see: kinds of tasks, at most two that work and have said what on. 0: not yet a picture. */
function worthOf({ tasks }: Seen): number {
  const working = tasks.filter(({ state, run }) => state === 'active' && run?.state === 'running' && run.activity !== null);
  const kinds = ['blocked', 'completed', 'failed', 'pending'].filter((kind) => tasks.some(({ state }) => state === kind));
  return working.length === 0 || !kinds.includes('blocked') || !kinds.includes('completed')
    ? 0
    : Math.min(working.length, 2) + kinds.length;
}

type Look = 'enough' | 'more';

/** Runs a demo and calls `look` again and again, until that has enough or the demo is over; a moment of worth 0 makes no picture of the fleet. */
export async function watchDemo(speed: number, look: (demo: Demo, worth: number) => Look | Promise<Look>): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), 'tac8-'));
  const child = spawn(TAC8, ['demo', '--exit', '--speed', String(speed), '--dir', place], { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'exit');
  const demo: Demo = {
    place,
    say: (words, env = {}) =>
      execFileSync(TAC8, words, {
        cwd: join(place, 'widgets'),
        encoding: 'utf8',
        env: { ...process.env, ...env },
        timeout: 60_000,
        stdio: ['ignore', 'pipe', 'ignore'],
      }),
  };
  let moments = 0;
  try {
    while (child.exitCode === null && child.signalCode === null) {
      await setTimeout(LOOK_EVERY_MS);
      const worth = worthNow(demo);
      if (worth > 0) moments++;
      if ((await look(demo, worth)) === 'enough') return;
    }
    if (moments === 0 || child.exitCode !== 0) throw new Error(`the demo showed ${moments} moments to draw (exit code ${child.exitCode})`);
  } finally {
    child.kill();
    await ended;
    rmSync(place, { recursive: true, force: true, maxRetries: 5 });
  }
}

function worthNow(demo: Demo): number {
  try {
    return worthOf(JSON.parse(demo.say(['status', '--json'])) as Seen);
  } catch {
    return 0; // The demo has not made its repository yet, or is about to end.
  }
}
