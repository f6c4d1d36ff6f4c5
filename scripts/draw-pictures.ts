import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { terminalPicture } from './terminal-picture.ts';

/* `npm run pictures`: runs the demo and draws what `tac8 status` and `tac8 view` say of it into docs/pictures/. */

const ROOT = join(import.meta.dirname, '..');
const TAC8 = join(ROOT, 'bin/tac8');
const COLUMNS = 124;
const LOOK_EVERY_MS = 150;

const place = mkdtempSync(join(tmpdir(), 'tac8-'));
const repository = join(place, 'widgets');
/** What the command prints in the demo's repository, with colours. */
const say = (...words: string[]): string =>
  execFileSync(TAC8, words, { cwd: repository, encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '1' }, timeout: 20_000 });

interface Seen {
  readonly tasks: readonly { readonly id: string; readonly state: string; readonly run: { readonly activity: string | null } | null }[];
}

/** Somebody asks, somebody works and has said what on, somebody waits, and something is done. */
function isTelling({ tasks }: Seen): boolean {
  const working = tasks.filter(({ state, run }) => state === 'active' && run !== null && run.activity !== null);
  return working.length > 1 && ['blocked', 'pending', 'completed'].every((state) => tasks.some((task) => task.state === state));
}

const demo = spawn(TAC8, ['demo', '--exit', '--speed', '0.5', '--dir', place], { stdio: ['ignore', 'ignore', 'inherit'] });
const ended = once(demo, 'exit');
try {
  let status: string | null = null;
  while (demo.exitCode === null && status === null) {
    await setTimeout(LOOK_EVERY_MS);
    try {
      if (isTelling(JSON.parse(say('status', '--json')) as Seen)) status = say('status');
    } catch {
      // The demo has not made its repository yet, or is about to end.
    }
  }
  const [code] = (await ended) as [number | null];
  if (status === null || code !== 0) throw new Error(`the demo showed nothing to draw (exit code ${code})`);
  draw('status', status, 'tac8 status');
  draw('transcript', say('view', 'gh-2', '--no-pager'), 'tac8 view 2');
} finally {
  demo.kill();
  rmSync(place, { recursive: true, force: true });
}

function draw(name: string, output: string, command: string): void {
  const folder = join(ROOT, 'docs/pictures');
  mkdirSync(folder, { recursive: true });
  const shown = `\u001b[90m$ \u001b[39m${command}\n${output.replaceAll(place, '/srv')}`;
  writeFileSync(join(folder, `${name}.svg`), terminalPicture(shown, COLUMNS, `What ${command} prints during the demo`));
}
