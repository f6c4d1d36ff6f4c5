import { expect, test } from 'vitest';
import { readIndexFile } from './index-file.ts';
import { readListing } from './own-index.ts';

/* An index and a listing are as long as a worker makes them: neither fills the daemon's memory. */

/** Each entry takes over this many bytes less of the name before, and adds `piece`. */
function version4(entries: number, piece: (n: number) => string, less: number): Buffer {
  const head = Buffer.alloc(12);
  head.write('DIRC');
  head.writeUInt32BE(4, 4);
  head.writeUInt32BE(entries, 8);
  const stat = Buffer.alloc(62);
  stat.writeUInt32BE(0x81a4, 24);
  stat.writeUInt16BE(0xfff, 60);
  const all = Array.from({ length: entries }, (_, n) => [stat, Buffer.from([n === 0 ? 0 : less]), Buffer.from(`${piece(n)}\0`)]);
  return Buffer.concat([head, ...all.flat(), Buffer.alloc(20)]);
}

test('names that grow with each entry are no index, however short it is', () => {
  expect(readIndexFile(version4(1_000, () => 'a/', 0))).toMatchObject({ files: 1_000 });
  expect(readIndexFile(version4(3_000, () => 'a/', 0))).toBeNull();
});

test('nor are folders with more in their names than any repository has', () => {
  const deep = 'd/'.repeat(2_000);
  const many = (entries: number) => version4(entries, (n) => `${n === 0 ? deep : ''}${String(n).padStart(6, '0')}/x`, 8);
  expect(readIndexFile(many(1_000))?.folders).toHaveLength(3_000);
  expect(readIndexFile(many(20_000))).toBeNull();
});

test('a listing is read in turns with others, and has an end', { timeout: 60_000 }, async () => {
  let turns = 0;
  const beat = setInterval(() => (turns += 1), 1);
  const read = await readListing('? a\0'.repeat(300_000));
  clearInterval(beat);
  expect(read).toHaveLength(300_000);
  expect(turns).toBeGreaterThan(0);
  await expect(readListing('? a\0'.repeat(2_000_001))).rejects.toMatchObject({
    sort: 'terminal',
    message: expect.stringMatching(/more than/),
  });
});
