import { type Command, InvalidArgumentError, Option } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { EXIT, Exit } from '../ground/exit-codes.ts';
import { rootOf } from '../ground/root.ts';
import { TASK_FORMS, taskArgument } from '../ground/task-argument.ts';

interface SteerOptions {
  readonly reason?: string;
  readonly continue?: true;
  readonly message?: string;
  readonly agent?: string;
  readonly fresh?: true;
  readonly priority?: number;
  readonly json?: true;
  readonly timeout: number;
}

interface StopOptions extends SteerOptions {
  readonly now?: true;
  readonly stopWorkers?: true;
}

function priorityArgument(text: string): number {
  if (!/^[0-3]$/.test(text)) throw new InvalidArgumentError('A priority is 0 (first), 1, 2 or 3.');
  return Number(text);
}

function secondsArgument(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('Give a whole number of seconds, at most 999999.');
  return Number(text);
}

function wordsArgument(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It is empty.');
  return text;
}

/** Verbs are written into the store and answered by the daemon with what happened. */
export function addSteeringCommands(program: Command): void {
  const verb = (name: string, description: string, ...examples: readonly string[]): Command =>
    program
      .command(name)
      .description(description)
      .option('--json', 'the answer as JSON')
      .option('--timeout <seconds>', 'how long to wait for the answer', secondsArgument, 120)
      .addHelpText('after', `\nExamples:\n${examples.map((example) => `  tac8 ${name} ${example}`.trimEnd()).join('\n')}`);
  const ask = (name: string, task: TaskId | null, args: Record<string, unknown>, options: SteerOptions, command: Command) =>
    import('./ask-daemon.ts').then(({ askDaemon }) => askDaemon({ from: rootOf(command), verb: name, task, args, ...options }));

  verb(
    'stop',
    'End a worker and save its work; without a task: start nothing new, and leave when the running workers are done',
    ...['450 --reason "wrong approach"', '', '--now', '--stop-workers'],
  )
    .argument('[task]', TASK_FORMS, taskArgument)
    .option('--reason <words>', 'why; shown on the board and the issue')
    .addOption(new Option('--now', 'without a task: leave at once, workers go on').conflicts('stopWorkers'))
    .option('--stop-workers', 'without a task: end the workers too; the next start goes on in their conversations')
    .action(async (task: TaskId | undefined, options: StopOptions, command: Command) => {
      if (task !== undefined) {
        for (const flag of ['now', 'stopWorkers'] as const) if (options[flag]) throw new Exit(EXIT.usage, ABOUT_THE_DAEMON[flag]);
        return ask('stop', task, { reason: options.reason }, options, command);
      }
      if (options.reason !== undefined) throw new Exit(EXIT.usage, '--reason needs a task: `tac8 stop 450 --reason "…"`');
      const { stopDaemon } = await import('./stop-daemon.ts');
      await stopDaemon(rootOf(command), { ...options, how: options.now ? 'now' : options.stopWorkers ? 'stop-workers' : 'drain' });
    });
  const ending = {
    kill: 'End a worker’s whole process tree now, and save its work',
    cancel: 'Stop a task and do not start it again until it is re-armed',
  };
  for (const name of ['kill', 'cancel'] as const) {
    verb(name, ending[name], '450', '450 --reason "not wanted any more"')
      .argument('<task>', TASK_FORMS, taskArgument)
      .option('--reason <words>', 'why; shown on the board and the issue')
      .action((task: TaskId, options: SteerOptions, command: Command) => ask(name, task, { reason: options.reason }, options, command));
  }
  verb('tell', 'Tell the agent something; it hears it after the tool call in hand, or with its next run', '450 "Use tabs."')
    .argument('<task>', TASK_FORMS, taskArgument)
    .argument('<message>', 'what the agent is told', wordsArgument)
    .action((task: TaskId, text: string, options: SteerOptions, command: Command) => ask('tell', task, { text }, options, command));
  verb(
    'retry',
    'Start a fresh attempt at a failed, blocked or completed task',
    '450',
    '450 --continue --message "Use Parquet."',
    '450 --fresh',
  )
    .argument('<task>', TASK_FORMS, taskArgument)
    .addOption(new Option('--continue', 'in the same conversation and worktree').conflicts('fresh'))
    .option('--fresh', 'start from the base as it is now, on a new branch; the old branch is saved, then dropped')
    .option('--message <words>', 'what the agent is told first')
    .option('--agent <name>', 'one of the agents in tac8.yaml, for this task from now on')
    .action(async (task: TaskId, options: SteerOptions, command: Command) => {
      const { agent, message } = options;
      if (agent !== undefined) await (await import('./named-agent.ts')).refuseUnknownAgent(rootOf(command), agent);
      const args = { continue: options.continue === true, fresh: options.fresh === true, message, agent };
      return ask('retry', task, args, options, command);
    });
  const holding = {
    pause: 'Pause the fleet, or one task: nothing new starts',
    resume: 'Let the fleet, or one task, go on after a pause or a parking',
  };
  for (const name of ['pause', 'resume'] as const) {
    verb(name, holding[name], '', '450')
      .argument('[task]', TASK_FORMS, taskArgument)
      .action((task: TaskId | undefined, options: SteerOptions, command: Command) => ask(name, task ?? null, {}, options, command));
  }
  verb('add', 'Put a local task into the queue', '"Tidy the examples folder" --priority 1')
    .argument('<title>', 'what to do, in one line', wordsArgument)
    .option('-p, --priority <n>', '0 (first) to 3', priorityArgument)
    .action((title: string, options: SteerOptions, command: Command) =>
      ask('add', null, { title, priority: options.priority }, options, command),
    );
  verb('priority', 'Change a task’s priority', '450 0')
    .argument('<task>', TASK_FORMS, taskArgument)
    .argument('<priority>', '0 (first) to 3', priorityArgument)
    .action((task: TaskId, n: number, options: SteerOptions, command: Command) => ask('priority', task, { priority: n }, options, command));
}

const ABOUT_THE_DAEMON = {
  now: '--now is for the daemon and takes no task: `tac8 stop --now`; `tac8 kill 450` ends one worker at once',
  stopWorkers: '--stop-workers is for the daemon and takes no task: `tac8 stop --stop-workers`',
};
