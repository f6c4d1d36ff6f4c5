import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeGitHub } from '../../src/forge-fake/server.ts';
import { type Contract, loadDescription } from '../support/forge/openapi.ts';
import { contractOf, createRecorder, type Seen } from './recorder.ts';
import { missingFields } from './relied-on.ts';

/*
 * The judge itself: an answer that was right must stop to be so when it is spoilt.
 */

const PATH = '/repos/acme/widgets/issues/1';
let dir: string;
let contract: Contract;
let one: Seen;

beforeAll(async () => {
  contract = contractOf();
  dir = await mkdtemp(join(tmpdir(), 'tac8-contract-'));
  const fake = await startFakeGitHub({ dir, repo: { owner: 'acme', name: 'widgets' }, users: [{ login: 'ana', role: 'admin' }] });
  fake.createIssue('ana', { title: 'One', labels: ['rpi-auto'] });
  one = await createRecorder(fake, contract).expect(200, 'GET', PATH);
  await fake.close();
});

afterAll(() => rm(dir, { recursive: true, force: true }));

describe('the description notices', () => {
  it('its own absence, as an error that says what to do', () => {
    expect(() => loadDescription(join(dir, 'none.json'))).toThrow(
      /not at .*none\.json: fetch it with `node scripts\/fetch\/fetch-openapi\.ts`/,
    );
  });

  type Body = Record<string, unknown>;
  const problems = (change: (body: Body) => void): readonly string[] => {
    const body = structuredClone(one.body) as Body;
    change(body);
    return contract.judge({ ...one, body }).problems;
  };

  it('nothing wrong with the answer as it was', () => expect(problems(() => undefined)).toEqual([]));

  it.each(['number', 'title', 'labels', 'user', 'state', 'created_at', 'html_url', 'comments'])('a missing %s', (field) => {
    expect(problems((body) => delete body[field]).join()).toContain(field);
  });

  it('a field of another type, a wrong time, a wrong choice', () => {
    for (const change of [{ number: '1' }, { title: null }, { created_at: 'yesterday' }, { state_reason: 'bored' }, { user: {} }]) {
      expect(problems((body) => Object.assign(body, change)).length, JSON.stringify(change)).toBeGreaterThan(0);
    }
  });

  it('an unknown path, a status or query that is not documented, a missing header', () => {
    expect(contract.judge({ ...one, path: PATH.replace('issues', 'isues') }).operation).toBeNull();
    expect(contract.judge({ ...one, status: 418 }).problems.join()).toContain('418');
    expect(contract.judge({ ...one, query: new URLSearchParams('labels=x') }).problems.join()).toContain('labels');
    const { 'x-ratelimit-reset': _gone, ...headers } = one.headers;
    expect(contract.judge({ ...one, headers }).problems.join()).toContain('x-ratelimit-reset');
  });
});

describe('the list of what tac8 relies on notices', () => {
  const without = (change: (body: Record<string, unknown>) => void): readonly string[] => {
    const body = structuredClone(one.body) as Record<string, unknown>;
    change(body);
    return missingFields('issues/get', { ...one, body });
  };

  it('nothing missing from the answer as it was', () => expect(without(() => undefined)).toEqual([]));

  it('a field that the description leaves optional, at the top and inside', () => {
    expect(without((body) => delete body.body)).toEqual(['body']);
    expect(without((body) => Object.assign(body, { labels: [{ id: 1 }] }))).toEqual(['labels[].name']);
    expect(without((body) => Object.assign(body, { user: null }))).toEqual(['user.login', 'user.type']);
  });
});
