import { messageOf } from '../core/words/message-of.ts';
/** What is said of an error: what happened, and what to do about it; empty where nothing is known. */
export function wordsFor(error: unknown): { readonly message: string; readonly details: string } {
  const message = messageOf(error);
  if (typeof error === 'object' && error !== null && 'hint' in error && typeof error.hint === 'string')
    return { message, details: error.hint };
  return wordsForSystem(error) ?? { message, details: '' };
}

/** The system's own errors speak of calls and codes; people need to know of the file and the disk. */
function wordsForSystem(error: unknown): { readonly message: string; readonly details: string } | null {
  if (!(error instanceof Error) || !('code' in error)) return null;
  const where = 'path' in error && typeof error.path === 'string' ? error.path : 'a file of tac8';
  const code = String(error.code);
  const known = SYSTEM[code];
  if (known !== undefined) return { message: `${where} cannot be written: ${known[0]} (${code})`, details: known[1] };
  if (code !== 'EACCES' && code !== 'EPERM') return null;
  return {
    message: `this user has no access to ${where} (${code})`,
    details: 'Run this as the user that runs the daemon.',
  };
}

const ROOM =
  '`df -h` and `df -i` show what is full; `tac8 clean` shows what tac8 can remove. Saved work is not lost; running workers go on.';
const SYSTEM: Readonly<Record<string, readonly [what: string, hint: string]>> = {
  ENOSPC: ['no space is left on the disk', ROOM],
  EDQUOT: ['this user’s share of the disk is used up', ROOM],
  EROFS: ['the file system is mounted read-only', 'Mount it for writing; after an error of the disk look at `dmesg` first.'],
};
