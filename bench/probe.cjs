/*
 * Loaded into tac8 by NODE_OPTIONS, so that a program that knows nothing of it tells what can only be told from the inside.
 * TAC8_BENCH_PEAK: a file that gets the largest resident size in KiB at exit. TAC8_BENCH_HEAP: a file that gets the bytes of the
 * heap after a collection, and a count of such answers, whenever SIGWINCH comes.
 */
const { writeFileSync, renameSync } = require('node:fs');
const { TAC8_BENCH_PEAK: peak, TAC8_BENCH_HEAP: heap } = process.env;
if (peak !== undefined) process.on('exit', () => writeFileSync(peak, String(process.resourceUsage().maxRSS)));
if (heap !== undefined) {
  require('node:v8').setFlagsFromString('--expose-gc');
  const collect = require('node:vm').runInNewContext('gc');
  let asked = 0;
  process.on('SIGWINCH', () => {
    collect();
    // What finalisers and weak references let go of in the turn after.
    setTimeout(() => {
      collect();
      asked += 1;
      writeFileSync(`${heap}.new`, `${asked} ${process.memoryUsage().heapUsed}`);
      renameSync(`${heap}.new`, heap);
    }, 200);
  });
}
