import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { agentSettings } from '../../compose/agents.ts';
import { enterSandbox, sandboxFor } from '../../compose/sandbox/entrance.ts';
import { surroundingsOf } from '../../compose/sandbox/sandbox.ts';
import type { TaskId } from '../../core/model/task.ts';
import { openProject } from '../../place/project.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { runInTerminal } from '../ground/run-in-terminal.ts';

const NOBODY: TaskId = 'local-0';

/** Ends with the command's own exit code. */
export async function tryInSandbox(from: string, argv: readonly [string, ...string[]], task: TaskId | null): Promise<void> {
  const project = await openProject(from, process.env);
  const sandbox = sandboxFor(project, process.env);
  if (sandbox === null)
    throw new Exit(EXIT.refused, 'tac8.yaml wants no sandbox: workers see and reach what you do', 'Write sandbox: { kind: auto } there.');
  const tree = task === null ? emptyTree(project.state) : join(project.root, project.settings.worktrees.dir, task);
  if (!existsSync(tree)) throw new Exit(EXIT.refused, `${task ?? ''} has no worktree`, '`tac8 status` shows the tasks.');
  try {
    const settings = agentSettings(project, project.settings, null, process.env, true);
    const env = await surroundingsOf(settings, task ?? NOBODY);
    const what = { task: task ?? NOBODY, argv, env, cwd: realpathSync(tree), servers: settings.mcp };
    const entrance = await enterSandbox(project, sandbox, what, true);
    const { code, signal } = await runInTerminal(entrance.argv, { cwd: project.root, env: entrance.env, files: entrance.files }).finally(
      () => entrance.close(),
    );
    process.exitCode = signal === null ? (code ?? EXIT.failed) : EXIT.failed;
  } finally {
    if (task === null) rmSync(tree, { recursive: true, force: true });
  }
}

function emptyTree(state: string): string {
  mkdirSync(state, { recursive: true, mode: 0o700 });
  const tree = mkdtempSync(join(state, 'try-'));
  writeFileSync(join(tree, '.git'), '');
  return tree;
}
