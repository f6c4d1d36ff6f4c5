import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGit } from '../call/git.ts';
import { createPersonal } from './personal.ts';

let home: string;
const { HOME } = process.env;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tac8-personal-'));
  process.env.HOME = home;
});
afterEach(() => {
  if (HOME === undefined) delete process.env.HOME;
  else process.env.HOME = HOME;
  rmSync(home, { recursive: true });
});

test('what the person’s settings say of the network counts, with paths as the person means them', async () => {
  const settings =
    '[http]\n\tsslCAInfo = ~/ca.pem\n\tproxy = http://127.0.0.1:1\n\textraHeader = X: y\n\tcookieFile = ~/cookies\n[http "https://a.b/"]\n\tsslCert = ~/own.pem\n[credential]\n\thelper = store\n';
  writeFileSync(join(home, '.gitconfig'), settings);
  const personal = await createPersonal(createGit({ cwd: home, stateDir: join(home, 'state'), timeoutMs: () => 10_000 }))();
  // The machine may have settings of its own.
  expect(personal.network.filter(([, value]) => value.startsWith(home) || value === 'http://127.0.0.1:1')).toEqual([
    ['http.sslcainfo', join(home, 'ca.pem')],
    ['http.proxy', 'http://127.0.0.1:1'],
    ['http.https://a.b/.sslcert', join(home, 'own.pem')],
  ]);
  expect(personal.logins).toContainEqual(['credential.helper', 'store']);
});
