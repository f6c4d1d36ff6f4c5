import { type Command, InvalidArgumentError } from 'commander';
import { makeFolder } from '../ground/make-folder.ts';

interface ChaosFlags {
  readonly dir?: string;
  readonly rounds: number;
  readonly seed?: number;
  readonly json?: true;
  readonly sandbox?: true;
  readonly machines: number;
}

export function addChaosCommand(program: Command): void {
  program
    .command('chaos')
    .description('Try to break the promises on this machine: the daemon killed again and again, agents that misbehave, a forge that fails')
    .option('--rounds <n>', 'how often the daemon is killed', whole(1, 10_000), 20)
    .option('--seed <n>', 'make the same choices again, though not at the same instants', whole(0, 2 ** 31))
    .option('--dir <dir>', 'keep everything in this folder (default: a new temporary one, named in the output)')
    .option('--json', 'one JSON document at the end instead of progress and summary')
    .option('--sandbox', 'its agents work in the sandbox of bubblewrap')
    .option(
      '--machines <n>',
      'other machines do the work, and each round is a fault of one of them, of Postgres or the coordinator',
      whole(1, 9),
      0,
    )
    .option('--exit', 'leave at the end (it always does)')
    .addHelpText(
      'after',
      `
Starts a repository, a forge and agents of its own. In each round the daemon is killed with kill -9 at a named point or at any instant;
besides, agents are killed, worktrees deleted, requests to the forge lost, and (as root) its disk filled. Then the promises are
counted by what was seen from outside: the agents' own journals, the forge's journal, git, /proc and logs/, never .tac8/.
Exit code 0: none was broken. Everything it starts is ended when it leaves.

Examples:
  tac8 chaos
  tac8 chaos --sandbox --rounds 200
  tac8 chaos --machines 3 --rounds 200     needs Debian's package postgresql
  tac8 chaos --rounds 200 --json | jq '.counts[] | {what, kept, broken}'`,
    )
    .action(async (flags: ChaosFlags) => {
      const { runChaos } = await import('../../chaos/run.ts');
      process.exitCode = await runChaos({
        dir: flags.dir === undefined ? null : makeFolder(flags.dir),
        rounds: flags.rounds,
        seed: flags.seed ?? null,
        json: flags.json === true,
        sandbox: flags.sandbox === true,
        machines: flags.machines,
      });
    });
}

const whole =
  (least: number, most: number) =>
  (text: string): number => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`a whole number from ${least} to ${most}`);
  };
