import { shellWord } from '../../../core/words/shell-word.ts';
import { PortError } from '../../../engine/ports/error.ts';

/**
 * A word for a POSIX shell that reads back byte for byte, whatever it holds.
 * Throws a terminal PortError for a NUL, which no argument of a process can hold.
 */
export function quoteWord(word: string): string {
  if (word.includes('\0')) {
    throw new PortError('terminal', `an argument holds a NUL character: ${JSON.stringify(word.slice(0, 80))}`, {
      hint: 'Take the NUL character out of the command, the prompt or the path.',
    });
  }
  return shellWord(word);
}

/** `name='value'` lines, then `set -- 'argument' …`: a file that a shell reads with `.` */
export function quoteLaunch(values: Readonly<Record<string, string>>, argv: readonly string[]): string {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${quoteWord(value)}\n`);
  return `${lines.join('')}set -- ${argv.map(quoteWord).join(' ')}\n`;
}
