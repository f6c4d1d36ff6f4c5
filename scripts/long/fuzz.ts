import { fuzz } from '../../test/support/fuzz/fuzz.ts';
import { PARSERS } from '../../test/support/fuzz/parsers.ts';

/*
 * Looks for texts that hold the loop's thread: `npm run fuzz -- [SECONDS] [SEED]`, 60 seconds for each parser, nightly. What it finds goes into
 * `test/fixtures/fuzz/found.json`, and the parser is mended. Exit code 1 when something is found.
 */

const [seconds = '60', given] = process.argv.slice(2);
const seed = given === undefined ? Date.now() % 1_000_000 : Number(given);
let failed = 0;
for (const parser of PARSERS) {
  const { tried, slow, bound } = fuzz(parser, seed, Number(seconds) * 1000);
  if (slow.length > 0) failed += 1;
  process.stdout.write(
    `${slow.length === 0 ? 'holds' : 'FAILS'}  ${parser.name}: ${tried} texts, seed ${seed}, at most ${bound.toFixed(0)} ms each\n`,
  );
  for (const { shape, why } of slow) process.stdout.write(`  ${why}: ${JSON.stringify(shape)}\n`);
}
process.stdout.write(`${PARSERS.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
