import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { filesHolding } from '../../support/machine/files-holding.ts';
import { startRegistry } from '../../support/network/registry.ts';
import { workplace } from '../../support/world/daemon.ts';
import { until } from '../../support/world/program.ts';

const TOKEN = 'npm-token-of-the-company';
const PATIENCE = 100_000;

test('npm ci and npm test from a private registry, whose token no worker has', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const registry = await startRegistry(join(place.home, 'registry'), TOKEN);
  context.onTestFinished(() => registry.close());
  Object.assign(place.env, { NPM_TOKEN: TOKEN, NODE_EXTRA_CA_CERTS: registry.ca });
  // As a repository has it: the registry and its login by a variable; the lock names the registry's own address.
  const script = `cat >/dev/null
cat >.npmrc <<'END'
registry=https://${registry.host}/
//${registry.host}/:_authToken=\${NPM_TOKEN}
END
cat >package.json <<'END'
{ "name": "app", "version": "1.0.0", "scripts": { "test": "node -p 'require(\\"corp-greeting\\")'" }, "dependencies": { "corp-greeting": "1.0.0" } }
END
cat >package-lock.json <<'END'
{ "name": "app", "version": "1.0.0", "lockfileVersion": 3, "packages": { "": { "name": "app", "version": "1.0.0", "dependencies": { "corp-greeting": "1.0.0" } },
  "node_modules/corp-greeting": { "version": "1.0.0", "resolved": "https://${registry.host}/corp-greeting/-/corp-greeting-1.0.0.tgz", "integrity": "${registry.integrity}" } } }
END
echo node_modules >.gitignore
env >"$HOME/seen"
unset NO_PROXY no_proxy # which would leave localhost, the registry's name here, to the worker's own loopback
{ npm ci --no-audit --no-fund && npm test; curl -sS "https://${registry.host}/corp-greeting" -H 'authorization: Bearer mine'; } >"$HOME/said" 2>&1
git add -A && git commit -qm done`;
  place.configure({
    agent: { ...place.agent(script), env: ['NPM_TOKEN'] },
    sandbox: { kind: 'auto', profile: { hosts: { [registry.host]: { header_env: 'NPM_TOKEN' } }, private: [registry.host] } },
  });
  const task = `gh-${place.issue('One')}`;
  const daemon = place.start();
  await place.until('the pull', () => place.board().includes('[✅'), PATIENCE);
  const home = join(place.root, '.tac8/homes', task);
  const said = readFileSync(join(home, 'said'), 'utf8');
  expect(said).toContain('hello from the company');
  expect(said).toContain('"dist-tags"');
  expect(readFileSync(join(home, 'seen'), 'utf8')).toContain('NPM_TOKEN=placeholder-');
  expect(registry.asked.length).toBeGreaterThan(1);
  expect(registry.asked.filter((line) => !line.endsWith(`Bearer ${TOKEN}`))).toEqual([]);
  expect(filesHolding(place.root, TOKEN)).toEqual([]);
  const shown = (await place.tac8('sandbox', 'show', task)).out;
  expect(shown).toContain(`${registry.host} with $NPM_TOKEN as authorization`);
  expect((await daemon.end('SIGTERM')).code).toBe(0);
  await until('nothing left behind', () => place.strays().length === 0, { within: PATIENCE, why: () => place.strays().join('\n') });
});
