import { readFileSync } from 'node:fs';
import { lintBoard } from '../core/board/lint.ts';
import { findPlace } from '../place.ts';
import { EXIT } from './exit-codes.ts';
import { paint } from './style.ts';

/** Every line of tasks.md that cannot be read. */
export async function lintTasks(from: string, json: boolean): Promise<void> {
  const problems = lintBoard(readBoard((await findPlace(from, process.env)).board));
  if (json) process.stdout.write(`${JSON.stringify(problems, null, 2)}\n`);
  else if (problems.length === 0) process.stdout.write('tasks.md: every line can be read\n');
  else
    for (const { line, message, hint } of problems) process.stdout.write(`${paint('yellow', `tasks.md:${line}`)}: ${message} — ${hint}\n`);
  if (problems.length > 0) process.exitCode = EXIT.failed;
}

/** No file yet is a board without mistakes. */
function readBoard(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
