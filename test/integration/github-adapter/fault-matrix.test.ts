import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPlace, type Place } from '../../support/forge/matrix/place.ts';
import { READ_FAULTS, READS, type ReadScene, readScene, tryRead } from '../../support/forge/matrix/reads.ts';
import { tryWrite, WRITE_FAULTS, WRITES } from '../../support/forge/matrix/writes.ts';

/*
 * A part of the matrix: each write and each read with some of the faults, each fault with some of them. `npm run faults` tries all.
 */

let place: Place;
let scene: ReadScene;
beforeAll(async () => {
  place = await openPlace();
  scene = await readScene(place);
}, 60_000);
afterAll(() => place.close());

/** The same ones each time: every fourth or eighth of a row, others in the next row. */
const some = <A, B>(rows: readonly A[], columns: readonly B[], every: number): readonly (readonly [A, B])[] =>
  rows.flatMap((row, r) => columns.flatMap((column, c) => ((r + c) % every === 0 ? [[row, column] as const] : [])));

const writes = some(WRITES, WRITE_FAULTS, 4).map(([write, fault]) => ({ name: `${write.name} × ${fault.name}`, write, fault }));
test.each(writes)('$name: it is there once', { timeout: 60_000 }, async ({ write, fault }) => {
  expect(await tryWrite(place, write, fault)).toBeNull();
});

const reads = some(READS, READ_FAULTS, 8).map(([read, fault], n) => ({
  name: `${read.name} × ${fault.name}`,
  read,
  fault,
  isWarm: n % 2 === 0,
}));
test.each(reads)('$name: the answer is true, or none', { timeout: 60_000 }, async ({ read, fault, isWarm }) => {
  expect(await tryRead(place, scene, read, fault, isWarm)).toBeNull();
});
