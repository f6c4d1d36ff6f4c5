import { createHmac } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { runGit } from '../../src/forge-fake/state/git.ts';
import { fakeGitHub } from '../support/forge/fake-github.ts';
import { contractOf } from './recorder.ts';

const SECRET = 'a secret of the contract';

interface Came {
  readonly event: string;
  readonly isSigned: boolean;
  readonly body: Record<string, unknown>;
}

/** Whoever takes webhooks: keeps what came. */
async function taker(): Promise<{ readonly url: string; readonly came: readonly Came[]; close(): Promise<void> }> {
  const came: Came[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts);
      const isSigned = request.headers['x-hub-signature-256'] === `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
      came.push({ event: String(request.headers['x-github-event']), isSigned, body: JSON.parse(body.toString('utf8')) });
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => void server.close(() => resolve()));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, came, close };
}

let end: (() => Promise<void>) | null = null;
afterEach(async () => {
  await end?.();
  end = null;
});

it('every webhook that the fake GitHub sends fits GitHub’s description', async () => {
  const fake = await fakeGitHub();
  const { url, came, close } = await taker();
  end = close;
  fake.hooks.aim({ url, secret: SECRET });
  const issue = fake.createIssue('wil', { title: 'One', labels: ['rpi-auto'] });
  fake.changeIssue('wil', issue, { title: 'Two', body: 'More.' });
  fake.unlabel('wil', issue, 'rpi-auto');
  fake.comment('wil', issue, 'Hello.');
  fake.closeIssue('wil', issue);
  fake.reopenIssue('wil', issue);
  const commit = (await runGit(fake.bare, ['commit-tree', 'main^{tree}', '-p', 'main', '-m', 'x'])).out.trim();
  const address = fake.cloneUrl.replace('://', `://x:${fake.token('wil')}@`);
  for (const name of ['topic', 'other']) expect((await runGit(fake.bare, ['push', address, `${commit}:refs/heads/${name}`])).code).toBe(0);
  // A ref of nobody's branch, as claims are.
  expect((await runGit(fake.bare, ['push', address, `${commit}:refs/tac8/claim/gh-1`])).code).toBe(0);
  const pull = await fake.createPull('wil', { title: 'Pull', head: 'topic', draft: true });
  fake.label('wil', pull, 'rpi-auto');
  fake.comment('wil', pull, 'On a pull.');
  const next = (await runGit(fake.bare, ['commit-tree', 'main^{tree}', '-p', commit, '-m', 'y'])).out.trim();
  expect((await runGit(fake.bare, ['push', address, `${next}:refs/heads/topic`])).code).toBe(0);
  fake.setCheck(pull, { name: 'build' });
  fake.setCheck(pull, { name: 'build', conclusion: 'failure', log: 'no' });
  fake.setStatus('wil', pull, { context: 'ci', state: 'success' });
  fake.review('mai', pull, { state: 'CHANGES_REQUESTED', body: 'No.', notes: [{ path: 'README.md', line: 1, body: 'Here.' }] });
  fake.markReady(pull);
  await fake.mergePull('wil', pull);
  await fake.hooks.settled();

  const contract = contractOf();
  const told = came.map(({ event, body }) => contract.judgeWebhook(event, body));
  expect(told.flatMap(({ problems }) => problems)).toEqual([]);
  expect(came.every(({ isSigned }) => isSigned)).toBe(true);
  expect(new Set(told.map(({ operation }) => operation))).toEqual(
    new Set([
      ...['issues-opened', 'issues-labeled', 'issues-unlabeled', 'issues-edited', 'issues-closed', 'issues-reopened'],
      ...['issue-comment-created', 'pull-request-opened', 'pull-request-labeled', 'pull-request-synchronize', 'pull-request-closed'],
      ...['pull-request-review-submitted', 'check-run-created', 'check-run-completed', 'status', 'push'],
    ]),
  );
  expect(JSON.stringify(came)).not.toContain('refs/tac8');
  // The judge itself: what was right must stop to be so when it is spoilt.
  const labelled = came.find(({ body }) => body.action === 'labeled')?.body ?? {};
  expect(contract.judgeWebhook('issues', { ...labelled, issue: {} }).problems).not.toEqual([]);
});
