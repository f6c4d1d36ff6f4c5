import { type Command, InvalidArgumentError } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

const HELP = `
With \`sandbox: { kind: auto }\` in tac8.yaml, every worker runs in a box of bubblewrap: it sees the programs of the machine, its worktree and a home of
its own, reaches the hosts of the list through one way out, and holds no key: the model's is put in outside.

Examples:
  tac8 sandbox show
  tac8 sandbox show 450
  tac8 sandbox try -- ls -la /
  tac8 sandbox try --task 450 -- npm ci`;

export function addSandboxCommand(program: Command): void {
  const sandbox = program.command('sandbox').description('The box that workers run in').addHelpText('after', HELP);
  sandbox
    .command('show')
    .description('Show what a worker sees, writes and reaches')
    .argument('[task]', TASK_FORMS, taskArgument)
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  tac8 sandbox show 450')
    .action(async (task: TaskId | undefined, { json }: { json?: true }, command: Command) => {
      const { showSandbox } = await import('./show-sandbox.ts');
      await showSandbox(rootOf(command), task ?? null, json === true);
    });
  sandbox
    .command('try')
    .description('Run a command in it, in the worktree of a task or in an empty folder')
    .argument('<command...>', 'the command and its arguments, after --')
    .option('--task <task>', 'in the worktree of this task', taskArgument)
    .addHelpText('after', '\nExamples:\n  tac8 sandbox try -- curl -sI https://pypi.org\n  tac8 sandbox try --task 450 -- npm ci')
    .action(async (words: [string, ...string[]], { task }: { task?: TaskId }, command: Command) => {
      const { tryInSandbox } = await import('./try-in-sandbox.ts');
      await tryInSandbox(rootOf(command), words, task ?? null);
    });
}

export function addAllowCommand(program: Command): void {
  program
    .command('allow')
    .description('Let the workers of a task reach a host from now on, the running one too')
    .argument('<task>', TASK_FORMS, taskArgument)
    .argument('<host>', 'registry.example, or registry.example:8443')
    .addHelpText(
      'after',
      '\nA worker that runs it is refused. For all tasks: sandbox.profile.hosts in tac8.yaml.\n\nExamples:\n  tac8 allow 450 registry.example',
    )
    .action(async (task: TaskId, host: string, _: unknown, command: Command) => {
      const { allowHost } = await import('./allow-host.ts');
      await allowHost(rootOf(command), task, host);
    });
}

export function addPreviewCommand(program: Command): void {
  program
    .command('preview')
    .description('Look at a server that the worker of a task has started, in your browser on this machine')
    .argument('<task>', TASK_FORMS, taskArgument)
    .argument('<port>', 'where it listens, on the loopback of the worker', portArgument)
    .option('--listen <port>', 'the port for your browser (default: any that is free)', portArgument, 0)
    .addHelpText(
      'after',
      `
Prints a link with a key, and serves it until you end it with Ctrl-C. It listens on this machine alone. The worker decides what the
server says, so its pages have an address of their own, gh-450.localhost, and get no cookie of the page of tac8. Browsers and curl know that name.

Examples:
  tac8 preview 450 5173
  tac8 preview 450 3000 --listen 8080`,
    )
    .action(async (task: TaskId, inner: number, { listen }: { listen: number }, command: Command) => {
      const { preview } = await import('./preview.ts');
      await preview(rootOf(command), task, inner, listen);
    });
}

function portArgument(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('a port, from 1 to 65535');
}
