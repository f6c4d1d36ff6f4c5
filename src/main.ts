import { makeWayForInit } from './adapters/process/first-process.ts';
import { EXIT } from './cli/exit-codes.ts';
import { runCli } from './cli/program.ts';

makeWayForInit();

// A reader that goes away (`tac8 --help | head -1`) is no error: what is still to be said is said to nobody. Words that find no room (a full
// disk) are one: said once, and in the exit code. The daemon works on after both.
let isLost = false;
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || isLost) return;
    isLost = true;
    process.exitCode ||= EXIT.failed;
    if (stream === process.stdout) process.stderr.write(`tac8: what it says cannot be written: ${error.message}\n`);
  });
}

const code = await runCli(process.argv.slice(2));
process.exitCode = isLost && code === EXIT.done ? EXIT.failed : code;
