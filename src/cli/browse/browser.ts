import { spawn } from 'node:child_process';

/** How long a program that hands the page to the browser may take before it is taken for the browser itself. */
const HANDED_OVER_WITHIN = 3_000;

/** Answers whether it worked; false also where there is no screen to open anything on. */
export async function openInBrowser(page: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const program = opener(env);
  return program !== null && (await start(program, page));
}

/** Null: there is no screen to open anything on. */
function opener(env: NodeJS.ProcessEnv): string | null {
  if (process.platform === 'darwin') return 'open';
  return env.DISPLAY || env.WAYLAND_DISPLAY || env.BROWSER ? 'xdg-open' : null;
}

/** Answers whether it worked, as far as can be told; a browser that stays is left to itself. */
function start(program: string, page: string): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn(program, [page], { stdio: 'ignore', detached: true });
    const timer = setTimeout(() => resolve(true), HANDED_OVER_WITHIN);
    const end = (worked: boolean): void => {
      clearTimeout(timer);
      resolve(worked);
    };
    child.once('error', () => end(false));
    child.once('exit', (code) => end(code === 0));
    child.unref();
  });
}
