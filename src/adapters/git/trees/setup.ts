import { stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type { TaskId } from '../../../core/model/task.ts';
import { asWritten } from '../../../core/words/span.ts';
import { PortError, SetupError } from '../../../engine/ports/error.ts';
import type { JobEnd, Jobs } from '../../../engine/ports/machine/jobs.ts';
import { lastOf } from '../../../files/open-plain.ts';
import { absent } from '../view/files.ts';

export interface Setup {
  /** As configured, from the repository's root. */
  readonly script: string;
  readonly root: string;
  readonly tree: string;
  readonly task: TaskId;
  readonly log: string;
  readonly timeoutMs: number;
  readonly env: Readonly<Record<string, string>>;
  /** Of those, the variables that a person asked for. */
  readonly names: readonly string[];
}

/**
 * Runs the setup script in a new worktree, all output to `log`. The main checkout's script is taken (a person's own copy),
 * else the worktree's. Throws a terminal SetupError with the end of its output when it fails or takes too long.
 */
export async function runSetup(setup: Setup, jobs: Jobs, signal: AbortSignal): Promise<void> {
  const { tree, task, root, log, timeoutMs, names } = setup;
  const env = { ...setup.env, TAC8_TASK: task, TAC8_TREE: tree, TAC8_ROOT: root };
  const end = await jobs.run({ part: 'setup', task, argv: [await findScript(setup)], env, cwd: tree, log, timeoutMs }, signal);
  if (end.kind === 'exit' && end.code === 0) return;
  if (signal.aborted) throw new PortError('retryable', `the setup script ${setup.script} was given up: no longer wanted`);
  const given =
    names.length === 0
      ? 'no variables by worktrees.env'
      : `by worktrees.env the variables ${names.map((name) => variable(name, env)).join(', ')}`;
  throw new SetupError(
    'terminal',
    `the setup script ${setup.script} failed for ${task} (${wordsOf(end, timeoutMs)}): ${lastLines(await lastOf(log, 2000))}`,
    {
      hint: `Its whole output is in ${relative(root, log)}; mend the script, then retry. It got ${given}, and a home of the task’s own.`,
    },
  );
}

/** What it said before it ended, in one line. */
const lastLines = (output: string): string =>
  output
    .split(/[\r\n]/)
    .map((line) => line.trim().slice(0, 200))
    .filter((line) => line !== '')
    .slice(-3)
    .join(' · ');

const variable = (name: string, env: Readonly<Record<string, string>>): string => (name in env ? name : `${name} (not set)`);

function wordsOf(end: JobEnd, timeoutMs: number): string {
  switch (end.kind) {
    case 'exit':
      return `exit ${end.code}`;
    case 'late':
      return `longer than limits.setup: ${asWritten(timeoutMs)}`;
    case 'flood':
      return 'more output than limits.log';
    case 'given up':
      return 'given up';
    case 'lost':
      return 'it was killed from outside';
  }
}

async function findScript({ script, root, tree }: Setup): Promise<string> {
  const places = isAbsolute(script) ? [script] : [join(root, script), join(tree, script)];
  for (const path of places) {
    if (await stat(path).then((found) => found.isFile(), absent(false))) return path;
  }
  throw new SetupError('terminal', `the setup script ${script} is not there`, { hint: 'Check worktrees.setup in tac8.yaml.' });
}
