import { Command, CommanderError } from 'commander';
import { addCommands } from './commands.ts';
import { EXIT } from './ground/exit-codes.ts';
import { paint } from './ground/style.ts';
import { version } from './ground/version.ts';
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

/** The commands that this command line can need, none run yet; of an empty one all. */
export async function createProgram(line: readonly string[] = []): Promise<Command> {
  const program = new Command('tac8')
    .description(
      'Turns labelled GitHub issues into pull requests with a fleet of coding agents, and keeps a person in control of each one.',
    )
    .version(version(), '--version', 'print the version')
    .option('-C, --repo-dir <dir>', 'work on the repository in this folder')
    .addHelpText('after', EXAMPLES)
    .exitOverride();
  await addCommands(program, line);
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
    const program = await createProgram(argv);
    await program.parseAsync(argv, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    return tellError(error);
  }
}

/** Says what went wrong and what to do about it; answers the exit code. The error may come from another bundle: it is known by its name. */
export function tellError(error: unknown): number {
  const { message, details } = wordsFor(error);
  process.stderr.write(`${paint('red', 'tac8:', process.stderr)} ${message}\n`);
  if (details !== '') process.stderr.write(`${details}\n`);
  if (process.env.TAC8_DEBUG && error instanceof Error) process.stderr.write(`${error.stack ?? ''}\n`);
  if (error instanceof Error && error.name === 'Exit' && 'code' in error) return Number(error.code);
  if (error instanceof Error && error.name === 'ConfigError') return EXIT.usage;
  if (error instanceof Error && error.name === 'LockHeldError') return EXIT.held;
  // A log or an attempt of a task that there is not.
  if (error instanceof Error && error.name === 'LogError' && 'kind' in error && error.kind === 'vanished') return EXIT.refused;
  return EXIT.failed;
}
