import { statSync } from 'node:fs';
import { say } from '../ground/say.ts';
import { version } from '../ground/version.ts';

/** The word by which the shells' scripts ask what Tab may offer; not a command that a person sees. */
const COMPLETE = '__complete';

/**
 * The command lines that people, prompts and scripts run all day, answered before the parser and forty commands are loaded. False: it is none
 * of them, or something is not as it should be; nothing was said then, and the whole program says what is to be said.
 */
export async function answerAtOnce(argv: readonly string[]): Promise<boolean> {
  if (argv.length === 1 && argv[0] === '--version') {
    say(`${version()}\n`);
    return true;
  }
  if (argv[0] === COMPLETE) {
    const { answerCompletion } = await import('../complete/complete.ts');
    await answerCompletion(argv.slice(1));
    return true;
  }
  const asked = statusAsked(argv);
  if (asked === null) return false;
  try {
    const { showStatus } = await import('../fleet/show-status.ts');
    await showStatus(asked.from ?? process.cwd(), asked.json);
    return true;
  } catch {
    return false;
  }
}

/** `[-C DIR] status [--json]`; null: anything else. */
function statusAsked(argv: readonly string[]): { readonly from: string | null; readonly json: boolean } | null {
  const named = argv[0] === '-C' || argv[0] === '--repo-dir';
  const [from = null, rest] = named ? [argv[1], argv.slice(2)] : [null, argv];
  if (named && (from === null || from.startsWith('-') || statSync(from, { throwIfNoEntry: false })?.isDirectory() !== true)) return null;
  if (rest[0] !== 'status' || rest.length > 2 || (rest.length === 2 && rest[1] !== '--json')) return null;
  return { from, json: rest.length === 2 };
}
