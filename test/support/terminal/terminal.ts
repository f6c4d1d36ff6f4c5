import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestContext } from 'vitest';
import type { Workplace } from '../world/daemon.ts';
import { until } from '../world/program.ts';

const run = promisify(execFile);

/** A real terminal without a window: what is typed into it, and what stands on its screen. */
export interface Terminal {
  /** Keys by tmux's names: `Enter`, `Tab`, `Up`, `C-c`, or single characters. */
  press(...keys: string[]): Promise<void>;
  /** Text as it is. */
  type(text: string): Promise<void>;
  /** The screen's lines, blanks at their ends cut off. `colours`: with their escape sequences. */
  screen(options?: { readonly colours?: true }): Promise<string>;
  /** Polls until the screen shows it; answers the screen. */
  shows(what: string | RegExp, within?: number): Promise<string>;
  /** One of tmux's values: `alternate_on`, `cursor_flag`, `pane_pid`, `pane_dead`, … */
  value(name: string): Promise<string>;
  resize(columns: number, rows: number): Promise<void>;
  close(): Promise<void>;
}

export interface TerminalOptions {
  /** What runs in it. */
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** The whole environment; `home` holds tmux's socket. */
  readonly env: Readonly<Record<string, string>>;
  readonly home: string;
  readonly columns?: number;
  readonly rows?: number;
  /** Who it belongs to, where that is another one. */
  readonly user?: number;
}

/** Starts a tmux server of its own with one session. */
export async function openTerminal({ argv, cwd, env, home, columns = 100, rows = 30, user }: TerminalOptions): Promise<Terminal> {
  const socket = join(home, `tmux-${randomUUID().slice(0, 8)}`);
  const base = ['-S', socket, '-f', '/dev/null'];
  const given = { ...env, TERM: 'xterm-256color' };
  const as = user === undefined ? {} : { uid: user, gid: user };
  const tmux = async (...args: string[]): Promise<string> =>
    (await run('tmux', [...base, ...args], { env: given, cwd, timeout: 20_000, encoding: 'utf8', ...as })).stdout;
  const size = ['-x', String(columns), '-y', String(rows)];
  const settings = ['set', '-g', 'status', 'off', ';', 'set', '-g', 'remain-on-exit', 'on', ';', 'set', '-g', 'escape-time', '10', ';'];
  await tmux(...settings, 'set', '-g', 'default-terminal', 'screen-256color', ';', 'new-session', '-d', ...size, '-c', cwd, '--', ...argv);
  const screen: Terminal['screen'] = async (options = {}) =>
    (await tmux('capture-pane', '-p', ...(options.colours === true ? ['-e'] : []))).replaceAll(/ +$/gm, '');
  return {
    press: async (...keys) => void (await tmux('send-keys', ...keys)),
    type: async (text) => void (await tmux('send-keys', '-l', '--', text)),
    screen,
    async shows(what, within = 30_000) {
      let last = '';
      const matches = (text: string): boolean => (typeof what === 'string' ? text.includes(what) : what.test(text));
      await until(
        `${String(what)} on the screen`,
        async () => {
          last = await screen();
          return matches(last);
        },
        { within, every: 50, why: () => `the screen:\n${last}` },
      );
      return last;
    },
    value: async (name) => (await tmux('display-message', '-p', `#{${name}}`)).trim(),
    resize: async (x, y) => void (await tmux('resize-window', '-x', String(x), '-y', String(y))),
    async close() {
      // The server is gone already when its last window has been closed.
      await tmux('kill-server').catch(() => null);
      await until('the end of the terminal', () => serverIsGone(socket));
    },
  };
}

function serverIsGone(socket: string): boolean {
  try {
    execFileSync('tmux', ['-S', socket, 'has-session'], { stdio: 'ignore', timeout: 10_000 });
    return false;
  } catch {
    // Nobody answers at the socket any more.
    return true;
  }
}

/** A bash in a terminal of its own, at its prompt `ready>`; closed when the test has finished. */
export async function openShell(
  context: Pick<TestContext, 'onTestFinished'>,
  { root, home, env, user }: Pick<Workplace, 'root' | 'home' | 'env' | 'user'>,
  size: Pick<TerminalOptions, 'columns' | 'rows'> = {},
): Promise<Terminal> {
  const argv = ['bash', '--norc', '--noprofile', '-i'] as const;
  const as = user === undefined ? {} : { user };
  const terminal = await openTerminal({ argv, cwd: root, env: { ...env, PS1: 'ready> ' }, home, ...size, ...as });
  context.onTestFinished(() => terminal.close());
  await terminal.shows('ready>');
  return terminal;
}
