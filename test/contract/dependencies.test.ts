import { expect, it } from 'vitest';
import { fakeGitHub } from '../support/forge/fake-github.ts';
import { contractOf, createRecorder } from './recorder.ts';

const R = '/repos/acme/widgets';

it('what blocks an issue, here and elsewhere, fits GitHub’s description in both versions of the API', async () => {
  const fake = await fakeGitHub();
  const recorder = createRecorder(fake, contractOf());
  const blocked = fake.createIssue('wil', { title: 'Later' });
  const first = fake.createIssue('wil', { title: 'First' });
  const path = `${R}/issues/${blocked}/dependencies/blocked_by`;
  const { body } = await recorder.expect(200, 'GET', `${R}/issues/${first}`);
  const { id } = body as { id: number };
  await recorder.expect(201, 'POST', path, { body: { issue_id: id } });
  fake.blockElsewhere(blocked, { repo: 'acme/parts', number: 3, state: 'closed' });
  const found = await recorder.expect(200, 'GET', `${path}?per_page=100`);
  expect(found.body).toMatchObject([
    { number: first, state: 'open', repository_url: `${fake.url}/repos/acme/widgets` },
    { number: 3, state: 'closed', repository_url: `${fake.url}/repos/acme/parts` },
  ]);
  const summary = { blocked_by: 1, total_blocked_by: 2, blocking: 0, total_blocking: 0 };
  expect((await recorder.expect(200, 'GET', `${R}/issues/${blocked}`)).body).toMatchObject({ issue_dependencies_summary: summary });
  expect((await recorder.expect(200, 'GET', `${R}/issues/${first}/dependencies/blocking`)).body).toMatchObject([{ number: blocked }]);
  fake.closeIssue('wil', first);
  expect((await recorder.expect(200, 'GET', `${R}/issues?per_page=1`)).body).toMatchObject([
    { number: blocked, issue_dependencies_summary: { ...summary, blocked_by: 0 } },
  ]);
  await recorder.expect(200, 'DELETE', `${path}/${id}`);
  await recorder.expect(404, 'DELETE', `${path}/${id}`);
  await recorder.expect(404, 'POST', path, { body: { issue_id: 1 } });
  await recorder.expect(422, 'POST', path, { body: { issue_id: fake.state.issues.find((one) => one.number === blocked)?.id } });
  await recorder.expect(403, 'POST', path, { as: 'rea', body: { issue_id: id } });
  await recorder.expect(401, 'DELETE', `${path}/${id}`, { as: null });
  await recorder.expect(404, 'GET', `${R}/issues/999/dependencies/blocked_by`);
  const headers = { 'x-github-api-version': '2026-03-10' };
  const newer = await createRecorder(fake, contractOf('2026-03-10')).expect(200, 'GET', path, { headers });
  expect(newer.body).toMatchObject([{ number: 3, state: 'closed' }]);
});
