import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { npmRegistry } from './npm-registry.ts';

test.each([
  ['echo https://npm.corp/path/', ['npm.corp']],
  ['echo http://npm.corp:8080/', ['npm.corp:8080']],
  ['echo undefined', []],
  ['exit 1', []],
])('npm that does "%s" fetches from %j', (script, hosts) => {
  const bin = mkdtempSync(join(tmpdir(), 'tac8-npm-'));
  try {
    writeFileSync(join(bin, 'npm'), `#!/bin/sh\n[ "$(pwd) $*" = '/ config get registry' ] && ${script}\n`, { mode: 0o755 });
    expect(npmRegistry(`${bin}:/usr/bin:/bin`, bin)).toEqual(hosts);
  } finally {
    rmSync(bin, { recursive: true });
  }
});
