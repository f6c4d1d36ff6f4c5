import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { workplace } from '../../support/world/daemon.ts';

test('a command of a person’s is tried in the box, in a folder without git', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  context.onTestFinished(() => {
    process.kill(Number.parseInt(readFileSync(join(place.root, '.tac8/egress/pid'), 'utf8'), 10), 'SIGTERM');
  });
  place.configure({ agent: place.agent('true'), sandbox: { kind: 'auto' } });
  writeFileSync(join(place.root, 'secret.txt'), 'beside');
  const { out, code } = await place.tac8('sandbox', 'try', '--', 'sh', '-c', `echo "user $(id -u)"; ls "${place.root}"; exit 3`);
  expect(out).toMatch(/user [1-9]/);
  expect(out).not.toContain('secret');
  expect(code).toBe(3);
});
