import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { makeGitRepo } from '../../../../test/support/git/git-repo.ts';
import { createGit } from '../call/git.ts';
import { openRepository } from '../repository/repository.ts';
import { adoptPack } from './adopt.ts';

const MIB = 1024 ** 2;
const [BLOB, OFS_DELTA] = [3, 6];

/** Seven bits a byte, the lowest first. */
const varint = (n: number): number[] => (n < 128 ? [n] : [(n % 128) | 128, ...varint(Math.floor(n / 128))]);

/** What git says of an object in a pack: its type, and how long it is. */
const head = (type: number, size: number): number[] =>
  size < 16 ? [(type << 4) | size] : [128 | (type << 4) | (size % 16), ...varint(Math.floor(size / 16))];

/** How far back its base is. */
function back(offset: number): number[] {
  const bytes = [offset % 128];
  for (let rest = Math.floor(offset / 128); rest > 0; rest = Math.floor(rest / 128)) {
    rest -= 1;
    bytes.unshift(128 | (rest % 128));
  }
  return bytes;
}

/** A text that is `times` copies of its base. */
function copies(base: number, times: number): Buffer {
  const all: number[] = [];
  for (let at = 0; at < base; at += 8 * MIB) {
    const size = Math.min(8 * MIB, base - at);
    const bytes = (n: number, count: number): number[] => Array.from({ length: count }, (_, k) => Math.floor(n / 256 ** k) % 256);
    all.push(0xff, ...bytes(at, 4), ...bytes(size, 3));
  }
  return Buffer.from([...varint(base), ...varint(base * times), ...Array.from({ length: times }, () => all).flat()]);
}

function packOf(parts: readonly Buffer[]): Buffer {
  const header = Buffer.from([...Buffer.from('PACK'), 0, 0, 0, 2, 0, 0, 0, parts.length]);
  const body = Buffer.concat([header, ...parts]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

test.each([
  ['is taken in where it is as large as files are', 2, null],
  ['is refused where no memory should hold it', 18, /over limit/],
] as const)('an object that is told as copies of another one %s', { timeout: 60_000 }, async (_, times, words) => {
  const repo = makeGitRepo();
  onTestFinished(() => repo.remove());
  const git = createGit({ cwd: repo.root, stateDir: join(repo.root, '.tac8'), timeoutMs: () => 50_000 });
  const repository = await openRepository(git, repo.root);
  const blob = Buffer.concat([Buffer.from(head(BLOB, MIB)), deflateSync(Buffer.alloc(MIB))]);
  const [first, second] = [copies(MIB, 64), copies(64 * MIB, times)];
  const larger = Buffer.concat([Buffer.from([...head(OFS_DELTA, first.length), ...back(blob.length)]), deflateSync(first)]);
  const largest = Buffer.concat([Buffer.from([...head(OFS_DELTA, second.length), ...back(larger.length)]), deflateSync(second)]);
  const pack = join(repo.root, 'a.pack');
  writeFileSync(pack, packOf([blob, larger, largest]));
  const taken = adoptPack(git, repository, pack);
  if (words === null) await taken;
  else await expect(taken).rejects.toThrow(words);
});
