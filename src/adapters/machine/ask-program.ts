import { execFile } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';

/** What came of running a program. */
export type Answered =
  | { readonly kind: 'ended'; readonly code: number; readonly out: string; readonly err: string }
  | { readonly kind: 'late'; readonly ms: number }
  | { readonly kind: 'not started'; readonly why: string };

export interface AskOptions {
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  readonly input?: string;
}

/** Runs a program once, without a shell. Never throws. */
export type AskProgram = (file: string, args: readonly string[], options: AskOptions) => Promise<Answered>;

export const askProgram: AskProgram = (file, args, { env, cwd, timeoutMs = 10_000, input = '' }) =>
  new Promise((resolve) => {
    const settings = { env, timeout: timeoutMs, killSignal: 'SIGKILL' as const, maxBuffer: 16 * 1024 * 1024, encoding: 'utf8' as const };
    const child = execFile(file, [...args], { ...settings, ...(cwd === undefined ? {} : { cwd }) }, (error, out, err) => {
      if (error === null) return resolve({ kind: 'ended', code: 0, out, err });
      if (typeof error.code === 'number') return resolve({ kind: 'ended', code: error.code, out, err });
      if (error.killed === true) return resolve({ kind: 'late', ms: timeoutMs });
      resolve({ kind: 'not started', why: error.code ?? error.signal ?? error.message });
    });
    // A program that ends before it has read everything says by its code what is wrong.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(input);
  });

/** Where a program is that is named as a command line names it; null: nowhere. `base`: what a relative path starts from. */
export function findProgram(name: string, path: string, base: string): string | null {
  const places = name.includes('/') ? [isAbsolute(name) ? name : join(base, name)] : path.split(':').map((dir) => join(dir || base, name));
  return places.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false; // not there, or not to be run
  }
}
