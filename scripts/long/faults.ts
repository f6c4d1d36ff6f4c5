import { openPlace } from '../../test/support/forge/matrix/place.ts';
import { READ_FAULTS, READS, readScene, tryRead } from '../../test/support/forge/matrix/reads.ts';
import { tryWrite, WRITE_FAULTS, WRITES } from '../../test/support/forge/matrix/writes.ts';

/*
 * Every write and every read of GitHub against everything that can go wrong with it, `npm run faults`: each effect is there once, no answer says
 * less than there is. `npm run faults -- queue` tries those alone whose name has that word. A part of it runs with the tests. Exit code 1 where
 * something does not hold.
 */

const [word = ''] = process.argv.slice(2);
const place = await openPlace();
const counts = { held: 0, broken: 0 };
const attempt = async (what: string, wrong: () => Promise<string | null>): Promise<void> => {
  if (!what.includes(word)) return;
  const words = await wrong().catch((error: unknown) => `the matrix itself failed: ${String(error)}`);
  counts[words === null ? 'held' : 'broken'] += 1;
  if (words !== null) process.stdout.write(`  BROKEN ${what}: ${words}\n`);
};
const tell = (what: string): boolean => process.stdout.write(`${what}: ${counts.held} held, ${counts.broken} broken\n`);
try {
  for (const write of WRITES)
    for (const fault of WRITE_FAULTS) await attempt(`${write.name} × ${fault.name}`, () => tryWrite(place, write, fault));
  tell(`${WRITES.length} writes × ${WRITE_FAULTS.length} faults`);
  const scene = await readScene(place);
  for (const read of READS)
    for (const fault of READ_FAULTS)
      for (const isWarm of [false, true])
        await attempt(`${read.name} × ${fault.name}${isWarm ? ', read before' : ''}`, () => tryRead(place, scene, read, fault, isWarm));
  tell(`and ${READS.length} reads × ${READ_FAULTS.length} faults × 2`);
} finally {
  await place.close();
}
process.exitCode = counts.broken === 0 ? 0 : 1;
