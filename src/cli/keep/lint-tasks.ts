import { lintBoard } from '../../core/board/line/lint.ts';
import { messageOf } from '../../core/words/message-of.ts';
import { readPlainSync } from '../../files/open-plain.ts';
import { findPlace } from '../../place/place.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { paint } from '../ground/style.ts';

/** Every line of tasks.md that cannot be read. */
export async function lintTasks(from: string, json: boolean): Promise<void> {
  const board = readBoard((await findPlace(from, process.env)).board);
  const problems = lintBoard(board ?? '');
  if (json) process.stdout.write(`${JSON.stringify(problems, null, 2)}\n`);
  else if (problems.length === 0)
    process.stdout.write(board === null ? 'there is no tasks.md yet: the first start writes it\n' : 'tasks.md: every line can be read\n');
  else
    for (const { line, message, hint } of problems) process.stdout.write(`${paint('yellow', `tasks.md:${line}`)}: ${message} — ${hint}\n`);
  if (problems.length > 0) process.exitCode = EXIT.failed;
}

const MOST = 64 * 1024 * 1024;

/** Null: no file yet, which is no mistake. */
function readBoard(path: string): string | null {
  try {
    return readPlainSync(path, MOST);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw new Exit(EXIT.failed, `${path} cannot be read: ${messageOf(error)}`);
  }
}
