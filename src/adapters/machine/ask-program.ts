import { isAbsolute, join } from 'node:path';
import { runChild } from '../process/child/child.ts';
import { isProgram } from '../process/child/programs.ts';

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

const MOST_OUTPUT = 16 * 1024 * 1024;

/** The time limit ends what it has started, too. */
export const askProgram: AskProgram = async (file, args, { env, cwd, timeoutMs = 10_000, input = '' }) => {
  const { end, out, err } = await runChild(file, args, {
    ...{ env, timeoutMs, input: { text: input, encoding: 'utf8' }, output: { most: MOST_OUTPUT, beyond: 'drop' } },
    ...(cwd === undefined ? {} : { cwd }),
  });
  switch (end.kind) {
    case 'exit':
      return { kind: 'ended', code: end.code, out: out.toString('utf8'), err: err.toString('utf8') };
    case 'late':
      return { kind: 'late', ms: timeoutMs };
    case 'not started':
      return { kind: 'not started', why: end.error.code ?? end.error.message };
    case 'signal':
      return { kind: 'not started', why: `ended by ${end.by}` };
    case 'given up':
    case 'flood':
      return { kind: 'not started', why: end.kind };
  }
};

/** Where a program is that is named as a command line names it; null: nowhere. `base`: what a relative path starts from. */
export function findProgram(name: string, path: string, base: string): string | null {
  const places = name.includes('/') ? [isAbsolute(name) ? name : join(base, name)] : path.split(':').map((dir) => join(dir || base, name));
  return places.find(isProgram) ?? null;
}
