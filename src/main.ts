import { makeWayForInit } from './adapters/process/run/first-process.ts';
import { closeInherited } from './adapters/process/run/inherited.ts';
import { answerAtOnce } from './cli/at-once/at-once.ts';
import { codeOf, guardStreams } from './cli/ground/streams.ts';

makeWayForInit();

/** Without `await` at the top: what is loaded later may stand on modules that are bundled with this one, and would wait for it for ever. */
async function main(argv: readonly string[]): Promise<void> {
  const told = await answerAtOnce(argv).then(
    (done) => ({ done }),
    (error: unknown) => ({ error }),
  );
  if ('done' in told && told.done) return;
  closeInherited();
  guardStreams();
  const { runCli, tellError } = await import('./cli/program.ts');
  process.exitCode = codeOf('error' in told ? tellError(told.error) : await runCli(argv));
}

void main(process.argv.slice(2));
