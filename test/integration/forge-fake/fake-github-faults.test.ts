import { expect, it } from 'vitest';
import { ask, fakeGitHub } from '../../support/forge/fake-github.ts';

const R = '/repos/acme/widgets';

it('lost-answer: the comment is there, the caller does not know', async () => {
  const fake = await fakeGitHub();
  fake.createIssue('wil', { title: 'One' });
  fake.faults.add({ match: { method: 'POST', path: /\/comments$/ }, kind: 'lost-answer' });
  await expect(ask(fake, 'POST', `${R}/issues/1/comments`, 'wil', { body: 'once' })).rejects.toThrow('fetch failed');
  expect(fake.state.comments.map((comment) => comment.body)).toEqual(['once']);
  expect(fake.journal.entries()).toMatchObject([
    { method: 'POST', status: null, applied: 201, fault: 'lost-answer', request: { body: 'once' } },
  ]);
  expect((await ask(fake, 'GET', `${R}/issues/1/comments`, 'wil')).json).toHaveLength(1);
});

it('reset and hang: nothing was done', async () => {
  const fake = await fakeGitHub();
  fake.createIssue('wil', { title: 'One' });
  fake.faults.add({ match: { method: 'POST' }, kind: 'reset' });
  await expect(ask(fake, 'POST', `${R}/issues/1/comments`, 'wil', { body: 'x' })).rejects.toThrow('fetch failed');
  fake.faults.add({ match: { method: 'POST' }, kind: 'hang' });
  const signal = AbortSignal.timeout(50);
  const hung = fetch(`${fake.url}${R}/issues/1/comments`, {
    method: 'POST',
    body: '{"body":"x"}',
    headers: { authorization: `Bearer ${fake.token('wil')}` },
    signal,
  });
  await expect(hung).rejects.toThrow(/timeout/);
  await fake.journal.waitFor((entry) => entry.fault === 'hang');
  expect(fake.journal.entries()).toMatchObject([
    { fault: 'reset', applied: null },
    { fault: 'hang', applied: null, status: null },
  ]);
  expect(fake.state.comments).toEqual([]);
});

it('a hanging request does not keep the server from closing', async () => {
  const fake = await fakeGitHub();
  fake.faults.add({ match: {}, kind: 'hang' });
  const hung = ask(fake, 'GET', R, 'wil').catch((error: Error) => error.message);
  while (fake.faults.list().length > 0) await new Promise(setImmediate);
  await fake.close();
  expect(await hung).toBe('fetch failed');
});

it('cut-body ends the connection in the middle, short-body ends well with half of the JSON', async () => {
  const fake = await fakeGitHub();
  fake.createIssue('wil', { title: 'One' });
  fake.faults.add({ match: { path: '/issues$' }, kind: 'cut-body' });
  await expect(ask(fake, 'GET', `${R}/issues`, 'wil')).rejects.toThrow('terminated');
  fake.faults.add({ match: { path: '/issues$' }, kind: 'short-body' });
  const short = await ask(fake, 'GET', `${R}/issues`, 'wil');
  expect([short.status, short.json, short.text.startsWith('[{')]).toEqual([200, undefined, true]);
});

it('partial-page: fewer items than asked for, and still a next page', async () => {
  const fake = await fakeGitHub();
  for (let count = 0; count < 6; count += 1) fake.createIssue('wil', { title: 'T' });
  fake.faults.add({ match: { path: 'page=1' }, kind: 'partial-page' });
  const { json, headers } = await ask(fake, 'GET', `${R}/issues?per_page=4&page=1`, 'wil');
  expect(json).toHaveLength(2);
  expect(headers.get('link')).toContain('rel="next"');
});

it('counts: skips some, meets some, then lets through; all until removed', async () => {
  const fake = await fakeGitHub();
  const statuses = async (): Promise<number[]> => {
    const found: number[] = [];
    for (let count = 0; count < 4; count += 1) found.push((await ask(fake, 'GET', R, 'wil')).status);
    return found;
  };
  fake.faults.add({ match: { method: 'get', path: 'widgets$' }, kind: 'status', status: 503, skip: 1, times: 2 });
  expect(await statuses()).toEqual([200, 503, 503, 200]);
  const always = fake.faults.add({ match: {}, kind: 'status', status: 500, times: null });
  expect(await statuses()).toEqual([500, 500, 500, 500]);
  always.remove();
  expect(await statuses()).toEqual([200, 200, 200, 200]);
});

it('takes faults over HTTP, delay among them', async () => {
  const fake = await fakeGitHub();
  const { json } = await ask(fake, 'POST', '/__fake/faults', undefined, {
    match: { path: '/issues' },
    kind: 'status',
    status: 502,
    times: null,
  });
  const broken = await ask(fake, 'GET', `${R}/issues`, 'wil');
  expect([broken.status, broken.headers.get('content-type'), broken.text]).toEqual([
    502,
    'text/html; charset=utf-8',
    expect.stringContaining('<html>'),
  ]);
  expect((await ask(fake, 'GET', '/__fake/faults')).json).toMatchObject([{ id: json.id, kind: 'status' }]);
  await ask(fake, 'DELETE', `/__fake/faults/${json.id}`);
  await ask(fake, 'POST', '/__fake/faults', undefined, { match: {}, kind: 'delay', ms: 30 });
  const start = performance.now();
  expect((await ask(fake, 'GET', `${R}/issues`, 'wil')).status).toBe(200);
  expect(performance.now() - start).toBeGreaterThan(25);
  expect((await ask(fake, 'POST', '/__fake/faults', undefined, { match: {}, kind: 'earthquake' })).status).toBe(422);
});
