import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { proofOf } from '../../src/adapters/github/app/ask.ts';
import { manifestOf } from '../../src/adapters/github/app/manifest.ts';
import { appRoutes } from '../../src/forge-fake/rest/routes-apps.ts';
import { type FakeGitHub, startFakeGitHub } from '../../src/forge-fake/server.ts';
import { contractOf, createRecorder } from './recorder.ts';

const R = '/repos/acme/widgets';
let dir: string;
let fake: FakeGitHub;

afterEach(async () => {
  await fake?.close();
  await rm(dir, { recursive: true, force: true });
});

test('what the fake GitHub says of an App, its installation and its tokens fits the description', async () => {
  dir = await mkdtemp(join(tmpdir(), 'tac8-contract-app-'));
  fake = await startFakeGitHub({
    dir,
    repo: { owner: 'acme', name: 'widgets' },
    files: { 'README.md': 'Hi\n' },
    users: [{ login: 'ana', role: 'admin' }],
  });
  fake.createIssue('ana', { title: 'One' });
  const recorder = createRecorder(fake, contractOf());
  const manifest = JSON.stringify(
    manifestOf({
      repo: { owner: 'acme', name: 'widgets' },
      page: 'https://github.com/acme/widgets',
      ...{ made: 'http://127.0.0.1:1/made', installed: 'http://127.0.0.1:1/installed', webhook: null },
    }),
  );
  const form = { method: 'POST', body: new URLSearchParams({ manifest, state: 's' }), redirect: 'manual' } as const;
  const { headers } = await fetch(`${fake.url}/settings/apps`, form);
  const code = new URL(headers.get('location') ?? '').searchParams.get('code');
  const { body } = await recorder.expect(201, 'POST', `/app-manifests/${code}/conversions`, { as: null });
  await recorder.expect(404, 'POST', `/app-manifests/${code}/conversions`, { as: null });
  const { id, slug, pem } = body as { id: number; slug: string; pem: string };
  const proof = { authorization: `Bearer ${proofOf({ id, pem }, Date.now())}` };
  await recorder.expect(200, 'GET', '/app', { headers: proof });
  await recorder.expect(401, 'GET', '/app', { headers: { authorization: `${proof.authorization}x` } });
  await recorder.expect(404, 'GET', `${R}/installation`, { headers: proof });
  await fetch(`${fake.url}/apps/${slug}/installations`, form);
  const installation = (await recorder.expect(200, 'GET', `${R}/installation`, { headers: proof })).body as { id: number };
  const tokens = `/app/installations/${installation.id}/access_tokens`;
  const wanted = { repositories: ['widgets'], permissions: { issues: 'read', metadata: 'read' } };
  const given = (await recorder.expect(201, 'POST', tokens, { headers: proof, body: wanted })).body as { token: string };
  await recorder.expect(422, 'POST', tokens, { headers: proof, body: { permissions: { administration: 'write' } } });
  const headersOf = { authorization: `Bearer ${given.token}` };
  await recorder.expect(200, 'GET', `${R}/issues`, { headers: headersOf });
  await recorder.expect(403, 'POST', `${R}/issues/1/comments`, { headers: headersOf, body: { body: 'x' } });
  await recorder.expect(403, 'GET', '/user', { headers: headersOf });
  const tried = new Set(recorder.seen.filter(({ status }) => status < 300).map(({ operation }) => operation));
  // Each of its routes, and the list of issues.
  expect(tried.size).toBe(appRoutes.length + 2);
});
