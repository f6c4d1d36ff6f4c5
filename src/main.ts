import { makeWayForInit } from './adapters/process/run/first-process.ts';
import { answerAtOnce } from './cli/at-once/at-once.ts';
import { codeOf, guardStreams } from './cli/ground/streams.ts';

makeWayForInit();

/** Without `await` at the top: what is loaded later may stand on modules that are bundled with this one, and would wait for it for ever. */
async function main(argv: readonly string[]): Promise<void> {
  if (await answerAtOnce(argv)) return;
  guardStreams();
  const { runCli } = await import('./cli/program.ts');
  process.exitCode = codeOf(await runCli(argv));
}

void main(process.argv.slice(2));
