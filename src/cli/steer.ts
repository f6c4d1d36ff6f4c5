import { type Command, InvalidArgumentError } from 'commander';
import type { TaskId } from '../core/task.ts';
import { rootOf } from './root.ts';
import { taskName } from './task-name.ts';

interface SteerOptions {
  readonly reason?: string;
  readonly continue?: true;
  readonly message?: string;
  readonly priority?: number;
  readonly json?: true;
  readonly timeout: number;
}

function priorityArgument(text: string): number {
  if (!/^[0-3]$/.test(text)) throw new InvalidArgumentError('a priority is 0 (first), 1, 2 or 3.');
  return Number(text);
}

function secondsArgument(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a number of seconds.');
  return Number(text);
}

/** Verbs are written into the store and answered by the daemon with what happened. */
export function addSteeringCommands(program: Command): void {
  const verb = (name: string, description: string): Command =>
    program
      .command(name)
      .description(description)
      .option('--json', 'the answer as JSON')
      .option('--timeout <seconds>', 'how long to wait for the answer', secondsArgument, 120);
  const ask = (name: string, task: TaskId | null, args: Record<string, unknown>, options: SteerOptions, command: Command) =>
    import('./ask-daemon.ts').then(({ askDaemon }) => askDaemon({ from: rootOf(command), verb: name, task, args, ...options }));

  verb('stop', 'End a worker, its work saved; without a task: start nothing new, leave when the running ones are done')
    .argument('[task]', 'issue number or local-N', taskName)
    .option('--reason <words>', 'kept on the board and the issue')
    .option('--now', 'without a task: leave at once, workers go on')
    .option('--stop-workers', 'without a task: end the workers too; the next start goes on in their conversations')
    .addHelpText('after', '\nExamples:\n  tac8 stop 450 --reason "wrong approach"\n  tac8 stop')
    .action(async (task: TaskId | undefined, options: SteerOptions & { now?: true; stopWorkers?: true }, command: Command) => {
      if (task !== undefined) return ask('stop', task, { reason: options.reason }, options, command);
      const { stopDaemon } = await import('./ask-daemon.ts');
      await stopDaemon(rootOf(command), { now: options.now === true, stopWorkers: options.stopWorkers === true, timeout: options.timeout });
    });
  verb('kill', 'End a worker’s whole process tree now, its work saved')
    .argument('<task>', 'issue number or local-N', taskName)
    .option('--reason <words>', 'kept on the board and the issue')
    .action((task: TaskId, options: SteerOptions, command: Command) => ask('kill', task, { reason: options.reason }, options, command));
  verb('cancel', 'Stop a task and do not start it again until it is re-armed')
    .argument('<task>', 'issue number or local-N', taskName)
    .option('--reason <words>', 'kept on the board and the issue')
    .action((task: TaskId, options: SteerOptions, command: Command) => ask('cancel', task, { reason: options.reason }, options, command));
  verb('tell', 'Tell the agent something: taken up after the tool in hand, else with its next run')
    .argument('<task>', 'issue number or local-N', taskName)
    .argument('<message>')
    .addHelpText('after', '\nExamples:\n  tac8 tell 450 "Use tabs."')
    .action((task: TaskId, text: string, options: SteerOptions, command: Command) => ask('tell', task, { text }, options, command));
  verb('retry', 'A fresh attempt at a failed, blocked or completed task')
    .argument('<task>', 'issue number or local-N', taskName)
    .option('--continue', 'in the same conversation and worktree')
    .option('--message <words>', 'with --continue: what the agent is told first')
    .addHelpText('after', '\nExamples:\n  tac8 retry 450\n  tac8 retry 450 --continue --message "Use Parquet."')
    .action((task: TaskId, options: SteerOptions, command: Command) =>
      ask('retry', task, { continue: options.continue === true, message: options.message }, options, command),
    );
  for (const name of ['pause', 'resume'] as const) {
    verb(name, name === 'pause' ? 'Start nothing new: the fleet, or one task' : 'Go on after a pause or a parking')
      .argument('[task]', 'issue number or local-N', taskName)
      .action((task: TaskId | undefined, options: SteerOptions, command: Command) => ask(name, task ?? null, {}, options, command));
  }
  verb('add', 'Put a local task into the queue')
    .argument('<title>')
    .option('-p, --priority <n>', '0 (first) to 3', priorityArgument)
    .addHelpText('after', '\nExamples:\n  tac8 add "Tidy the examples folder" --priority 1')
    .action((title: string, options: SteerOptions, command: Command) =>
      ask('add', null, { title, priority: options.priority }, options, command),
    );
  verb('priority', 'Change a task’s priority')
    .argument('<task>', 'issue number or local-N', taskName)
    .argument('<priority>', '0 (first) to 3', priorityArgument)
    .action((task: TaskId, n: number, options: SteerOptions, command: Command) => ask('priority', task, { priority: n }, options, command));
}
