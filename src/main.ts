import { makeWayForInit } from './adapters/process/first-process.ts';
import { runCli } from './cli/program.ts';

makeWayForInit();

// A reader that goes away (`tac8 --help | head -1`) is no error: what is still to be said is said to nobody. The daemon works on.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

process.exitCode = await runCli(process.argv.slice(2));
