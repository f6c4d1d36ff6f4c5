import { hostname } from 'node:os';
import { type Command, InvalidArgumentError } from 'commander';
import type { TaskId } from '../../core/model/task.ts';
import { taskArgument } from '../ground/task-argument.ts';

interface RunnerFlags {
  readonly join: string;
  readonly dir: string;
  readonly name: string;
  readonly slots: number;
  readonly schema: string;
  readonly labels: readonly string[];
  readonly retireAt?: number;
  readonly attach?: TaskId;
}

export function addRunnerCommand(program: Command): void {
  program
    .command('runner')
    .description('Work for a coordinator on another machine: take its tasks and run their agents here')
    .requiredOption('--join <url>', 'the address of Postgres; `env:NAME`: it stands in that environment variable')
    .requiredOption('--dir <dir>', 'where repositories, worktrees and logs are kept on this machine')
    .option('--name <name>', 'what the machine is called', machineName, hostname())
    .option('--slots <n>', 'how many workers at once', count, 2)
    .option('--schema <name>', 'the schema of the repository, as `machines.schema` in its tac8.yaml names it', 'tac8')
    .option('--labels <list>', 'what this machine has, for routes with `runs_on`: gpu,big', labelList, [])
    .option('--retire-at <when>', 'take nothing more from then on, and leave when its runs are done: 8h, or 2026-12-24T18:00', retirement)
    .option('--attach <task>', 'open the conversation of a task that `tac8 attach` was typed for on the coordinator', taskArgument)
    .addHelpText(
      'after',
      `
The coordinator is the daemon of a repository whose tac8.yaml names \`machines\`. A runner opens no port and has no login at the forge.
The agent's own login is read from this machine: set the same environment variables as \`agent.env\` names.
Ctrl-C leaves at once; the workers go on, and the next \`tac8 runner\` in the same folder takes them up again.

Examples:
  tac8 runner --join postgres://tac8@db.example/tac8 --dir /var/lib/tac8
  tac8 runner --join env:TAC8_POSTGRES --dir ~/tac8-runner --name big-one --slots 8`,
    )
    .action(async ({ attach, ...flags }: RunnerFlags) => {
      if (attach !== undefined) {
        const { attachHere } = await import('./run-attach.ts');
        return attachHere(flags, attach);
      }
      const { runRunner } = await import('./run-runner.ts');
      await runRunner(flags);
    });
}

function machineName(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(text)) return text;
  throw new InvalidArgumentError('A name has letters, digits, dots and dashes.');
}

function count(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 1_000) return number;
  throw new InvalidArgumentError('Give a whole number from 1 to 1000.');
}

function labelList(text: string): readonly string[] {
  const labels = text.split(',').map((label) => label.trim());
  if (labels.every((label) => /^[a-z0-9][a-z0-9-]{0,30}$/.test(label))) return labels;
  throw new InvalidArgumentError('Labels have small letters, digits and dashes, such as gpu,big.');
}

const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000 };

function retirement(text: string): number {
  const [, count, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  if (count !== undefined) return Date.now() + Number(count) * UNITS[unit as keyof typeof UNITS];
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isFinite(at)) return at;
  throw new InvalidArgumentError('Give a time such as 8h, 90m, 2d or 2026-12-24T18:00.');
}
