import { Command, CommanderError } from 'commander';
import { addAttachCommand } from './attach.ts';
import { addBoardCommands } from './board.ts';
import { addChaosCommand } from './chaos.ts';
import { addCleanCommand } from './clean.ts';
import { answerCompletion, COMPLETE } from './complete.ts';
import { addCompletionCommand } from './completion.ts';
import { addDemoCommand } from './demo.ts';
import { addDiffCommand } from './diff.ts';
import { addDoctorCommand } from './doctor.ts';
import { EXIT, Exit } from './exit-codes.ts';
import { addExportCommand } from './export.ts';
import { addInitCommand } from './init.ts';
import { addNotifyCommand } from './notify.ts';
import { addOpenCommand } from './open.ts';
import { addPlanCommand } from './plan.ts';
import { addReportCommand } from './report.ts';
import { addRestoreCommand } from './restore.ts';
import { addSearchCommand } from './search.ts';
import { addStartCommand } from './start.ts';
import { addStatusCommand } from './status.ts';
import { addSteeringCommands } from './steer.ts';
import { paint } from './style.ts';
import { addServiceCommand } from './supervise.ts';
import { addTopCommand } from './top.ts';
import { version } from './version.ts';
import { addLogsCommand, addViewCommand } from './view.ts';
import { addWhyCommand } from './why.ts';
import { wordsFor } from './words-for.ts';

const EXAMPLES = `
Examples:
  tac8 demo                     see it work on a repository and a forge of its own
  tac8 init                     write tac8.yaml and worker_template.md here
  tac8 doctor                   whether everything is there, and what to do where it is not
  tac8 start --dry-run          what it would do, without doing it
  tac8 start                    work until Ctrl-C
  tac8 status --watch           who works on what, and what waits for whom
  tac8 why 450                  why it runs, waits or failed, and what will change that
  tac8 view 450 --follow        what the agent of issue 450 says and does
  tac8 stop 450                 end one worker, its work saved
  tac8 stop                     start nothing new, leave when the running ones are done

Exit codes: 0 done · 1 failed · 2 wrong usage or configuration · 3 no daemon runs · 4 another daemon runs · 5 refused`;

/** All commands, none run yet. */
export function createProgram(): Command {
  const program = new Command('tac8')
    .description(
      'Turns labelled GitHub issues into pull requests with a fleet of coding agents, and keeps a person in control of each one.',
    )
    .version(version(), '--version', 'print the version')
    .option('-C, --repo-dir <dir>', 'work on the repository in this folder')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  addInitCommand(program);
  addDoctorCommand(program);
  addStartCommand(program);
  addServiceCommand(program);
  addStatusCommand(program);
  addTopCommand(program);
  addPlanCommand(program);
  addWhyCommand(program);
  addSteeringCommands(program);
  addAttachCommand(program);
  addDiffCommand(program);
  addOpenCommand(program);
  addRestoreCommand(program);
  addCleanCommand(program);
  addBoardCommands(program);
  addNotifyCommand(program);
  addViewCommand(program);
  addLogsCommand(program);
  addSearchCommand(program);
  addReportCommand(program);
  addExportCommand(program);
  addDemoCommand(program);
  addChaosCommand(program);
  addCompletionCommand(program);
  pointToHelp(program, 'tac8');
  return program;
}

/** After a mistake: where what this very command takes stands. */
function pointToHelp(command: Command, name: string): void {
  command.showHelpAfterError(`(\`${name} --help\` shows ${command.commands.length > 0 ? 'the commands' : 'how'})`);
  for (const below of command.commands) pointToHelp(below, `${name} ${below.name()}`);
}

/** Runs one command line; answers the exit code. Every error ends as one message, never as a stack. */
export async function runCli(argv: readonly string[]): Promise<number> {
  try {
    if (argv[0] === COMPLETE) {
      await answerCompletion(createProgram(), argv.slice(1));
      return EXIT.done;
    }
    await createProgram().parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return report(error);
  }
}

function report(error: unknown): number {
  const { message, details } = wordsFor(error);
  process.stderr.write(`${paint('red', 'tac8:', process.stderr)} ${message}\n`);
  if (details !== '') process.stderr.write(`${details}\n`);
  if (process.env.TAC8_DEBUG && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  if (error instanceof Exit) return error.code;
  if (error instanceof Error && error.name === 'ConfigError') return EXIT.usage;
  if (error instanceof Error && error.name === 'LockHeldError') return EXIT.held;
  // A log or an attempt of a task that there is not.
  if (error instanceof Error && error.name === 'LogError' && 'kind' in error && error.kind === 'vanished') return EXIT.refused;
  return EXIT.failed;
}
