import { PortError } from '../../engine/ports/error.ts';
import { runChild } from '../process/child/child.ts';

export interface CommandOptions {
  readonly cwd: string;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  readonly timeLimit: number;
}

const MOST_KEPT = 500;
const MOST_READ = 64 * 1024;

/** Runs a program with a text on its stdin; answers the beginning of what it said. Throws a PortError for any end but 0. */
export async function runCommand(
  argv: readonly [string, ...string[]],
  input: string,
  { cwd, env, timeLimit }: CommandOptions,
  signal: AbortSignal,
): Promise<string> {
  const [program, ...args] = argv;
  const { end, out, err } = await runChild(program, args, {
    ...{ cwd, env, timeoutMs: timeLimit, signal },
    input: { text: input, encoding: 'utf8' },
    output: { most: MOST_READ, beyond: 'drop' },
  });
  const said = Buffer.concat([out, err]).toString().slice(0, MOST_KEPT).replace(/\s+/g, ' ').trim();
  const failure = (how: string): PortError => new PortError('retryable', `${program} ${how}${said === '' ? '' : `: ${said}`}`);
  switch (end.kind) {
    case 'exit':
      if (end.code === 0) return said;
      throw failure(`ended with ${end.code}`);
    case 'signal':
      throw failure(`ended with ${end.by}`);
    case 'late':
      throw failure(`took longer than ${timeLimit / 1000} s`);
    case 'given up':
    case 'flood':
      throw failure('was given up');
    case 'not started':
      throw new PortError('retryable', `${program} cannot be started: ${end.error.message}`);
  }
}
