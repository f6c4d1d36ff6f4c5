import { type Command, InvalidArgumentError, Option } from 'commander';
import { openInBrowser } from '../browse/browser.ts';
import { makeFolder } from '../ground/make-folder.ts';

interface DemoFlags {
  readonly dir?: string;
  readonly exit?: true;
  readonly agent: 'scripted' | 'claude';
  readonly speed: number;
  readonly open?: true;
  readonly json?: true;
  readonly machines: number;
  readonly sabotage?: string;
}

export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('See tac8 work on a small repository, with a forge and agents of its own; the end of each issue is checked')
    .option('--dir <dir>', 'keep everything in this folder (default: a new temporary one, named in the output)')
    .option('--exit', 'leave at the end; otherwise the page and the forge are served until you press a key')
    .addOption(new Option('--agent <agent>', 'which agent works on the issues').choices(['scripted', 'claude']).default('scripted'))
    .option('--speed <factor>', 'pace of the scripted agent: 2 is twice as fast', speed, 1)
    .option('--open', 'open the page of its daemon in the browser')
    .option('--json', 'one JSON document at the end instead of progress and summary')
    .option('--machines <n>', 'other machines do the work: a Postgres and so many runners, as processes here', machineCount, 0)
    .addOption(new Option('--sabotage <fate>', 'the agent of this fate does nothing, and the check must notice').hideHelp())
    .addHelpText(
      'after',
      `
Needs git and nothing else: no network, no account, no agent. Everything it starts is ended when it leaves.
Exit code 0: every fate came out as it should, judged from git, the forge and the agents' own journals.

Examples:
  tac8 demo
  tac8 demo --exit --dir /tmp/look
  tac8 demo --agent claude       the installed Claude Code works on the issues (it costs tokens)
  tac8 demo --machines 3         needs Debian's package postgresql
  tac8 demo --exit --json | jq '.fates[] | {name, ok}'`,
    )
    .action(async (flags: DemoFlags) => {
      const { runDemo } = await import('../../demo/run.ts');
      process.exitCode = await runDemo({
        dir: flags.dir === undefined ? null : makeFolder(flags.dir),
        exit: flags.exit === true,
        agent: flags.agent,
        speed: flags.speed,
        json: flags.json === true,
        openPage: flags.open === true ? (link) => openInBrowser(link, process.env) : null,
        machines: flags.machines,
        sabotage: flags.sabotage ?? null,
      });
    });
}

export function machineCount(text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= 9) return number;
  throw new InvalidArgumentError('a number from 1 to 9');
}

function speed(text: string): number {
  const factor = Number(text);
  if (Number.isFinite(factor) && factor >= 0.1 && factor <= 20) return factor;
  throw new InvalidArgumentError('a number from 0.1 to 20, such as 2');
}
