import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EMPTY_STREAM } from '../../core/model/run.ts';
import { createFollow } from './follow-facts.ts';

test('a log that is 300 GB of holes is refused before a byte of it is read', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-follow-'));
  try {
    const log = join(folder, 'log');
    writeFileSync(log, '{}\n');
    const follow = createFollow();
    const facts = await follow(log, EMPTY_STREAM, 0);
    expect(facts.offset).toBe(3);
    truncateSync(log, 300 * 1024 ** 3);
    await expect(follow(log, facts, 0)).rejects.toThrow('has grown by 300 GiB since it was read');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
