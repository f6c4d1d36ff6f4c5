import { PROPERTIES } from '../test/board/properties.ts';
import { race } from '../test/board/race.ts';

/*
 * The long version of the board's tests: `node scripts/board-nightly.ts [CASES] [EDITS]`, by default 100,000 generated cases per
 * property and a race of 2,000 edits. Exit code 1 when something does not hold.
 */

const [cases = '100000', edits = '2000'] = process.argv.slice(2);
let failed = 0;

const report = (name: string, since: number, problem: string | null): void => {
  if (problem !== null) failed += 1;
  process.stdout.write(
    `${problem === null ? 'holds' : 'FAILS'}  ${name} (${((performance.now() - since) / 1000).toFixed(1)} s)\n${problem ?? ''}`,
  );
};

for (const { name, run } of PROPERTIES) {
  const since = performance.now();
  try {
    run(Number(cases));
    report(name, since, null);
  } catch (error) {
    report(name, since, `${error instanceof Error ? `${error.message}\n${String(error.cause ?? '')}` : String(error)}\n`);
  }
}

const seed = Date.now() % 1_000_000;
const since = performance.now();
const { lost, faults, inCopies, writes, ...rest } = await race(Number(edits), seed);
const tooMany = inCopies.length > rest.edits / 500;
const told = JSON.stringify({ seed, lost, faults, inCopies }, null, 2);
report(
  `${rest.edits} edits against ${writes} writes, seed ${seed}`,
  since,
  lost.length + faults.length > 0 || tooMany ? `${told}\n` : null,
);
process.stdout.write(`${PROPERTIES.length + 1 - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
