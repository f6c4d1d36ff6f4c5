import { execFileSync } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** What a program that this one starts can read through descriptors 200 and 201. */
const SEEN = `import { spawnSync } from 'node:child_process';
import { closeInherited } from ${JSON.stringify(join(import.meta.dirname, 'inherited.ts'))};
if (process.argv[2] !== 'open') closeInherited();
process.stdout.write(spawnSync('/bin/sh', ['-c', 'cat /proc/self/fd/200/secret /proc/self/fd/201/secret'], { encoding: 'utf8' }).stdout);`;

test.skipIf(process.platform !== 'linux').each([
  ['nothing of what this one was started with', 'closed', ''],
  ['what its command line names', '/dev/fd/201', 'a word'],
  ['all of it, where nobody closes it', 'open', 'a worda word'],
])('a program that is started has %s', (_, word, seen) => {
  const folder = mkdtempSync(join(tmpdir(), 'tac8-inherited-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, 'secret'), 'a word');
  const script = join(folder, 'seen.ts');
  writeFileSync(script, SEEN);
  const open = openSync(folder, 'r');
  const handedOn = [...Array.from({ length: 197 }, () => 'ignore' as const), open, open];
  const said = execFileSync(process.execPath, [script, word], { stdio: ['ignore', 'pipe', 'pipe', ...handedOn], timeout: 20_000 });
  closeSync(open);
  expect(said.toString()).toBe(seen);
});
