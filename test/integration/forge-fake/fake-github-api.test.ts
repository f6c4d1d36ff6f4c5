import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runGit } from '../../../src/forge-fake/state/git.ts';
import { ask, fakeGitHub, scratch } from '../../support/forge/fake-github.ts';

const R = '/repos/acme/widgets';
const nextOf = (link: string | null): string | null => /<([^>]+)>; rel="next"/.exec(link ?? '')?.[1] ?? null;

it('hands out 300 issues in pages that only the Link header leads through', async () => {
  const fake = await fakeGitHub();
  for (let count = 1; count <= 300; count += 1) fake.createIssue('wil', { title: `Issue ${count}`, labels: ['rpi-auto'] });
  fake.createIssue('wil', { title: 'Another' });
  const seen: number[] = [];
  let url: string | null = `${R}/issues?labels=RPI-auto&direction=asc&per_page=100`;
  let pages = 0;
  while (url !== null) {
    const { headers, json } = await ask(fake, 'GET', url, 'wil');
    seen.push(...json.map((issue: { number: number }) => issue.number));
    url = nextOf(headers.get('link'));
    pages += 1;
    if (url !== null) expect(new URL(url).pathname).toBe(`/repositories/${fake.state.repo.id}/issues`);
  }
  expect(pages).toBe(3);
  expect(seen).toEqual(Array.from({ length: 300 }, (_, index) => index + 1));
  const { json } = await ask(fake, 'GET', `${R}/issues`, 'wil');
  expect(json).toHaveLength(30);
});

it('answers 304 to the tag of what has not changed, at no cost, and 200 when it has', async () => {
  const fake = await fakeGitHub();
  fake.createIssue('wil', { title: 'One', labels: ['rpi-auto'] });
  const first = await ask(fake, 'GET', `${R}/issues`, 'wil');
  const tag = { 'if-none-match': String(first.headers.get('etag')) };
  const second = await ask(fake, 'GET', `${R}/issues`, 'wil', undefined, tag);
  expect([second.status, second.text]).toEqual([304, '']);
  expect(second.headers.get('x-ratelimit-used')).toBe(first.headers.get('x-ratelimit-used'));
  fake.unlabel('tri', 1, 'rpi-auto');
  expect((await ask(fake, 'GET', `${R}/issues`, 'wil', undefined, tag)).status).toBe(200);
});

it('stops at the end of the hourly limit, before doing what was asked', async () => {
  let now = Date.parse('2026-11-22T10:00:00Z');
  const fake = await fakeGitHub({ rateLimit: 2, clock: () => now });
  fake.createIssue('wil', { title: 'One' });
  const say = (): ReturnType<typeof ask> => ask(fake, 'POST', `${R}/issues/1/comments`, 'wil', { body: 'hello' });
  expect((await say()).status).toBe(201);
  expect((await say()).headers.get('x-ratelimit-remaining')).toBe('0');
  const refused = await say();
  expect([refused.status, refused.headers.get('x-ratelimit-reset')]).toEqual([403, String(now / 1000 + 3600)]);
  expect(fake.state.comments).toHaveLength(2);
  expect((await ask(fake, 'GET', '/rate_limit', 'wil')).json.resources.core.remaining).toBe(0);
  now += 3_600_000;
  expect((await say()).status).toBe(201);
});

it.each([
  ['ana', true, true],
  ['mai', true, true],
  ['wil', true, true],
  ['tri', false, true],
  ['rea', false, false],
  ['fay', false, false],
])('%s: labels at creation kept %s, label added later %s', async (login, kept, added) => {
  const fake = await fakeGitHub();
  const { json } = await ask(fake, 'POST', `${R}/issues`, login, { title: 'T', labels: ['rpi-auto'] });
  expect(json.labels.map((label: { name: string }) => label.name)).toEqual(kept ? ['rpi-auto'] : []);
  const later = await ask(fake, 'POST', `${R}/issues/1/labels`, login, { labels: ['later'] });
  expect(later.status).toBe(added ? 200 : 403);
  const events = (await ask(fake, 'GET', `${R}/issues/1/events`, login)).json;
  const expected = [...(kept ? ['rpi-auto'] : []), ...(added ? ['later'] : [])].map((name) => ['labeled', login, name]);
  // biome-ignore lint/suspicious/noExplicitAny: events of the API
  expect(events.map((event: any) => [event.event, event.actor.login, event.label.name])).toEqual(expected);
});

it('records a form, a relabelling and who did each, in order', async () => {
  const fake = await fakeGitHub();
  const number = fake.createIssue('fay', { title: 'By form', labels: ['rpi-auto'], form: true });
  fake.unlabel('tri', number, 'rpi-auto');
  fake.label('wil', number, 'rpi-auto');
  expect(() => fake.label('rea', number, 'more')).toThrow(/403/);
  const { json } = await ask(fake, 'GET', `${R}/issues/${number}/timeline`);
  // biome-ignore lint/suspicious/noExplicitAny: events of the API
  expect(json.map((event: any) => `${event.actor.login} ${event.event}`)).toEqual(['fay labeled', 'tri unlabeled', 'wil labeled']);
});

it('hides a private repository from whoever has no part in it', async () => {
  const fake = await fakeGitHub({ repo: { owner: 'acme', name: 'widgets', private: true } });
  expect((await ask(fake, 'GET', `${R}/issues`)).status).toBe(404);
  expect((await ask(fake, 'GET', `${R}/issues`, 'fay')).status).toBe(404);
  expect((await ask(fake, 'GET', `${R}/issues`, 'rea')).status).toBe(200);
  expect((await ask(fake, 'GET', `${R}/collaborators/fay/permission`, 'ana')).json.permission).toBe('none');
});

it('goes on where it was when it is started again on the same folder', async () => {
  const dir = await scratch();
  const first = await fakeGitHub({ dir });
  const token = first.token('wil');
  const number = first.createIssue('wil', { title: 'Kept', labels: ['rpi-auto'] });
  await ask(first, 'POST', `${R}/issues/${number}/comments`, 'wil', { body: 'kept too' });
  const before = { ...first.state };
  await first.close();

  const second = await fakeGitHub({ dir });
  expect(second.state).toEqual(JSON.parse(JSON.stringify(before)));
  expect(second.token('wil')).toBe(token);
  expect(second.createIssue('wil', { title: 'New' })).toBe(number + 1);
  expect(second.journal.entries().map((entry) => [entry.seq, entry.method, entry.status])).toEqual([[1, 'POST', 201]]);
  const lines = (await readFile(join(dir, 'journal.jsonl'), 'utf8')).trim().split('\n');
  expect(lines.map((line) => JSON.parse(line).request)).toEqual([{ body: 'kept too' }]);
});

it('can be steered from another process, but not by a web page, and keeps tokens out of the journal', async () => {
  const fake = await fakeGitHub();
  const { json } = await ask(fake, 'POST', '/__fake/users', undefined, { login: 'zoe', role: 'write', token: 'ghp_secret' });
  expect(json).toEqual({ token: 'ghp_secret' });
  const { json: made } = await ask(fake, 'POST', '/__fake/issues', undefined, { as: 'zoe', title: 'T', labels: ['rpi-auto'] });
  await ask(fake, 'DELETE', `/__fake/issues/${made.number}/labels/rpi-auto?as=zoe`);
  await ask(fake, 'POST', `/__fake/issues/${made.number}/comments`, undefined, { as: 'rea', body: 'Hm' });
  await ask(fake, 'PATCH', `/__fake/issues/${made.number}`, undefined, { as: 'zoe', state: 'closed' });
  const { json: state } = await ask(fake, 'GET', '/__fake/state');
  expect(state.issues).toMatchObject([{ title: 'T', labels: [], state: 'closed' }]);
  expect((await ask(fake, 'POST', '/__fake/issues', undefined, { title: 'no one' })).status).toBe(422);
  expect((await ask(fake, 'POST', '/__fake/rename', undefined, { name: 'x' }, { origin: 'http://evil.test' })).status).toBe(403);
  expect(fake.state.repo.name).toBe('widgets');
  expect((await ask(fake, 'GET', '/__fake/journal?since=1')).json[0]).toMatchObject({ seq: 2, path: '/__fake/issues' });
  expect(JSON.stringify(fake.journal.entries())).not.toContain('ghp_secret');
});

it('lets a test in another process say what a build says of a pull', async () => {
  const fake = await fakeGitHub();
  const commit =
    'commit refs/heads/one\ncommitter T <t@t> 1700000000 +0000\ndata 1\nx\nfrom refs/heads/main^0\nM 100644 inline one\ndata 1\nx\n';
  await runGit(fake.bare, ['fast-import', '--quiet'], commit);
  const pull = await fake.createPull('wil', { title: 'P', head: 'one' });
  const control = (part: string, body: unknown, number = pull) => ask(fake, 'POST', `/__fake/pulls/${number}/${part}`, undefined, body);
  expect((await control('checks', { name: 'build', status: 'in_progress' })).status).toBe(204);
  expect((await control('checks', { name: 'build', conclusion: 'failure' })).status).toBe(204);
  expect((await control('statuses', { as: 'wil', context: 'ci', state: 'success' })).status).toBe(204);
  expect((await control('checks', { name: 'build', conclusion: 'bored' })).status).toBe(422);
  expect((await control('checks', { name: 'build' }, 99)).status).toBe(404);
  const of = async (part: string) => (await ask(fake, 'GET', `/repos/acme/widgets/commits/one/${part}`, 'rea')).json;
  expect(await of('check-runs')).toMatchObject({
    total_count: 1,
    check_runs: [{ name: 'build', status: 'completed', conclusion: 'failure' }],
  });
  expect(await of('status')).toMatchObject({ state: 'success', total_count: 1, statuses: [{ context: 'ci', state: 'success' }] });
});
