import { EXIT } from './exit-codes.ts';

let isGuarded = false;
let isLost = false;

/**
 * A reader that goes away (`tac8 --help | head -1`) is no error: what is still to be said is said to nobody. Words that find no room (a full
 * disk) are one: said once, and in the exit code. The daemon works on after both.
 */
export function guardStreams(): void {
  if (isGuarded) return;
  isGuarded = true;
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE' || isLost) return;
      isLost = true;
      process.exitCode ||= EXIT.failed;
      if (stream === process.stdout) process.stderr.write(`tac8: cannot write its output: ${error.message}\n`);
    });
  }
}

/** The exit code, once it is known what became of the words. */
export const codeOf = (code: number): number => (isLost && code === EXIT.done ? EXIT.failed : code);
