import { openPlace } from '../../test/support/forge/matrix/place.ts';
import { READ_FAULTS, READS, readScene, tryRead } from '../../test/support/forge/matrix/reads.ts';
import { tryWrite, WRITE_FAULTS, WRITES } from '../../test/support/forge/matrix/writes.ts';

/*
 * Every write and every read of GitHub against everything that can go wrong with it, `npm run faults`: each effect is there once, no answer says
 * less than there is. A part of it runs with the tests. Exit code 1 where something does not hold.
 */

const place = await openPlace();
const broken: string[] = [];
let tried = 0;
const note = (what: string, wrong: string | null): void => {
  tried += 1;
  if (wrong !== null) broken.push(`${what}: ${wrong}`);
};
try {
  for (const write of WRITES) for (const fault of WRITE_FAULTS) note(`${write.name} × ${fault.name}`, await tryWrite(place, write, fault));
  process.stdout.write(`writes: ${WRITES.length} × ${WRITE_FAULTS.length} tried, ${broken.length} broken\n`);
  const writes = tried;
  const scene = await readScene(place);
  for (const read of READS)
    for (const fault of READ_FAULTS)
      for (const isWarm of [false, true])
        note(`${read.name} × ${fault.name}${isWarm ? ', read before' : ''}`, await tryRead(place, scene, read, fault, isWarm));
  process.stdout.write(`reads: ${READS.length} × ${READ_FAULTS.length} × 2 = ${tried - writes} tried\n`);
} finally {
  await place.close();
}
for (const words of broken) process.stdout.write(`  BROKEN ${words}\n`);
process.stdout.write(`${tried - broken.length} held, ${broken.length} broken\n`);
process.exitCode = broken.length === 0 ? 0 : 1;
