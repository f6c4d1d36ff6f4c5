import { PROPERTIES } from '../../test/board/properties.ts';
import { race, type Stalls } from '../../test/board/race.ts';

/*
 * The long version of the board's tests: `node scripts/long/board-nightly.ts [CASES] [EDITS] [SEED]`, by default 100,000 generated cases per
 * property and four races of 2,000 edits: the second with every bad habit, the third with every program stopped in the midst of what it does, as
 * on a machine that has too much to do, the fourth with time between any two calls of a save. Exit code 1 when something does not hold.
 */

const [cases = '100000', edits = '2000', given] = process.argv.slice(2);
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

const seed = Number(given ?? Date.now() % 1_000_000);
const RACES: readonly (readonly [habits: string, stalls: Stalls])[] = [
  ['', 'none'],
  ['mixed', 'none'],
  ['mixed', 'all'],
  ['mixed cut', 'none'],
];
for (const [habits, stalls] of RACES) {
  const since = performance.now();
  const { lost, faults, inCopies, writes, ways, ...rest } = await race(Number(edits), seed, 'exchange', habits, stalls);
  const tooMany = inCopies.length > rest.edits / 500;
  const told = JSON.stringify({ seed, lost, faults, inCopies }, null, 2);
  const counts = `${lost.length} lost, ${faults.length} doubled or wrong, ${inCopies.length} in a named copy`;
  report(
    `${rest.edits} edits in ${ways} ways against ${writes} writes, ${stalls === 'none' ? '' : 'under load, '}${habits.includes('cut') ? 'cut into single calls, ' : ''}seed ${seed}: ${counts}`,
    since,
    lost.length + faults.length > 0 || tooMany ? `${told}\n` : null,
  );
}
process.stdout.write(`${PROPERTIES.length + RACES.length - failed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 ? 0 : 1;
