import { describe, expect, it } from 'vitest';
import type { GitHubForge } from '../../../../src/adapters/github/forge.ts';
import type { CommitChecks } from '../../../../src/core/review/checks.ts';
import { patience, signal, useGitHub } from '../world.ts';

const world = useGitHub();
const HOUR = 60 * 60_000;

/** A pull, and the adapter. */
async function pulled(): Promise<{ forge: GitHubForge; pull: number; ask: () => Promise<CommitChecks> }> {
  await world.start();
  const commit = await world.branch('auto/gh-1');
  const pull = await world.github.createPull('alice', { title: 'Mine', head: 'auto/gh-1' });
  const forge = world.connect();
  return { forge, pull, ask: () => forge.checks(commit, signal) };
}

const names = ({ checks }: CommitChecks): readonly string[] => checks.map((check) => check.name);
const asked = (part: string): number => world.requests('GET', new RegExp(`/commits/[0-9a-f]{40}/${part}\\?`)).length;

describe('checks of a commit', () => {
  it('are none where nobody says anything: the "pending" of an empty combined status is no check', async () => {
    const { ask } = await pulled();
    expect(await ask()).toEqual({ checks: [], withheld: [] });
  });

  it('are check runs and commit statuses, of each name the newest', async () => {
    const { ask, pull } = await pulled();
    const { github } = world;
    github.setCheck(pull, { name: 'build', conclusion: 'failure' });
    github.setCheck(pull, { name: 'build', status: 'in_progress' });
    github.setCheck(pull, { name: 'lint', conclusion: 'skipped' });
    github.setStatus('alice', pull, { context: 'ci/deploy', state: 'pending' });
    github.setStatus('alice', pull, { context: 'ci/deploy', state: 'error' });
    expect(await ask()).toEqual({
      checks: [
        { kind: 'run', name: 'build', status: 'in_progress', conclusion: null },
        { kind: 'run', name: 'lint', status: 'completed', conclusion: 'skipped' },
        { kind: 'status', name: 'ci/deploy', state: 'error' },
      ],
      withheld: [],
    });
  });

  it('are read to the last page', async () => {
    const { ask, pull } = await pulled();
    for (let n = 0; n < 230; n += 1) world.github.setCheck(pull, { name: `run ${n}`, conclusion: 'success' });
    for (let n = 0; n < 101; n += 1) world.github.setStatus('alice', pull, { context: `status ${n}`, state: 'success' });
    const all = await ask();
    expect(new Set(names(all)).size).toBe(331);
    expect([asked('check-runs'), asked('status')]).toEqual([3, 2]);
    // The pages after the first are asked for under the repository's number, as the server names them.
    expect(world.requests('GET', /^\/repositories\/\d+\/commits\/.*\/check-runs\?/)).toHaveLength(2);
  });

  it('are unknown where a page is cut, not fewer', async () => {
    const { ask, pull } = await pulled();
    for (const name of ['a', 'b']) world.github.setCheck(pull, { name, conclusion: 'success' });
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'cut-body', times: null });
    await expect(ask()).rejects.toMatchObject({ sort: 'retryable' });
  });

  it('are unknown where fewer come than there are: those that lack may be the red ones', async () => {
    const { ask } = await pulled();
    const body = { total_count: 2, check_runs: [{ id: 1, name: 'a', status: 'completed', conclusion: 'success' }] };
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'status', status: 200, body });
    await expect(ask()).rejects.toMatchObject({ sort: 'retryable', message: expect.stringMatching(/sent 1 of 2/) });
  });

  it('cost nothing while they stay as they are', async () => {
    const { ask, forge, pull } = await pulled();
    world.github.setCheck(pull, { name: 'build', status: 'queued' });
    const first = await ask();
    const left = forge.limits()?.remaining;
    expect(await ask()).toEqual(first);
    expect(forge.limits()?.remaining).toBe(left);
    expect(world.requests('GET', /\/commits\//).map(({ status }) => status)).toEqual([200, 200, 304, 304]);
    world.github.setCheck(pull, { name: 'build', conclusion: 'success' });
    expect(await ask()).toMatchObject({ checks: [{ conclusion: 'success' }] });
  });

  it.each([403, 404])('that the token may not read (%d) are named, and not asked for again within the hour', async (status) => {
    const { ask, pull } = await pulled();
    world.github.setStatus('alice', pull, { context: 'ci', state: 'success' });
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'status', status, times: null });
    const seen = { checks: [{ kind: 'status', name: 'ci', state: 'success' }], withheld: ['check runs'] };
    for (let n = 0; n < 3; n += 1) expect(await ask()).toEqual(seen);
    expect([asked('check-runs'), asked('status')]).toEqual([1, 3]);
    world.github.faults.remove();
    world.clock += HOUR - 1;
    expect(await ask()).toEqual(seen);
    world.clock += 1;
    expect(await ask()).toMatchObject({ withheld: [] });
  });

  it('withheld by 403 are so for every commit, by 404 for that one alone', async () => {
    const { forge } = await pulled();
    const other = await world.branch('auto/gh-2');
    for (const [status, withheld] of [
      [404, []],
      [403, ['commit statuses']],
    ] as const) {
      const commit = await world.branch(`b${status}`);
      world.github.faults.add({ match: { path: new RegExp(`${commit}/status`) }, kind: 'status', status });
      expect(await forge.checks(commit, signal)).toMatchObject({ withheld: ['commit statuses'] });
      expect(await forge.checks(other, signal)).toMatchObject({ withheld });
    }
  });

  it('are not called withheld by a limit, which is a 403, too', async () => {
    const { ask } = await pulled();
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'secondary-limit', retryAfterSeconds: 5 });
    await expect(ask()).rejects.toMatchObject({ sort: 'limited' });
    world.clock += 6_000;
    expect(await ask()).toEqual({ checks: [], withheld: [] });
  });

  it('are given up within the time limit by a server that hangs', async () => {
    await pulled();
    world.github.faults.add({ match: { path: /\/check-runs/ }, kind: 'hang', times: null });
    const forge = world.connect({ ...patience('hang'), retryDelays: [] });
    const commit = world.github.state.issues[0]?.pull?.head.sha ?? '';
    await expect(forge.checks(commit, signal)).rejects.toMatchObject({ sort: 'retryable' });
  });
});
