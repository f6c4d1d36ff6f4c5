import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import addFormats from 'ajv-formats';
import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/*
 * What `status` tells of pulls and their checks, with the real daemon, the real command and a GitHub over HTTP.
 */

const SCHEMA = JSON.parse(readFileSync(join(import.meta.dirname, '../../../schema/status.schema.json'), 'utf8')) as object;
const AGENT = `echo '{"type":"text"}'; date >"work-$TAC8_TASK"; git add -A; git commit -qm work`;

interface PullStatus {
  readonly number: number;
  readonly state: string | null;
  readonly draft: boolean | null;
  readonly commit: string | null;
  readonly checks: {
    readonly known: boolean;
    readonly state: string | null;
    readonly failing_names: readonly string[];
    readonly because: string | null;
  } | null;
}

/** The pull of a task as `status --json` has it, in the shape that is written down. */
async function pullOf(place: Workplace, task = 'gh-1'): Promise<PullStatus | null> {
  const status = await place.status();
  const ajv = new Ajv({ allErrors: true, strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  const check = ajv.compile(SCHEMA);
  check(status);
  expect(check.errors ?? []).toEqual([]);
  return (status.tasks.find(({ id }) => id === task)?.pull ?? null) as PullStatus | null;
}

const pullLine = (out: string, number: number): string => out.split('\n').find((line) => line.includes(`PR #${number}`)) ?? '';
const checksAre = (place: Workplace, word: string): Promise<PullStatus> =>
  place.until(`checks that are ${word}`, async () => {
    const pull = await pullOf(place);
    return pull?.checks?.state === word && pull;
  });

test(
  'status tells a pull and its checks: none, failing by name, passed, merged; without a daemon the last known',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    place.configure({ agent: place.agent(AGENT) });
    place.issue('One');
    const daemon = place.start();
    const { number, commit } = await checksAre(place, 'none');
    expect(await pullOf(place)).toMatchObject({
      state: 'open',
      draft: true,
      commit: fake.state.issues.find((one) => one.number === number)?.pull?.head.sha,
    });
    expect(commit).toMatch(/^[0-9a-f]{40}$/);
    expect(pullLine((await place.tac8('status')).out, number)).toContain(`PR #${number} draft · checks: none · http`);

    // What runs is seen with the next polls; a name that would clear the screen does not.
    for (const name of ['lint', 'unit', 'docs']) fake.setCheck(number, { name, conclusion: 'success' });
    fake.setCheck(number, { name: 'build \u001b[2J\nx', conclusion: 'failure' });
    fake.setStatus('wil', number, { context: 'deploy', state: 'pending' });
    expect(await checksAre(place, 'failing')).toMatchObject({ checks: { known: true, failing_names: ['build \u001b[2J\nx'] } });
    const { out } = await place.tac8('status');
    expect(out).not.toContain('\u001b');
    expect(pullLine(out, number)).toMatch(new RegExp(`PR #${number} draft · checks: 3 passed, 1 failing \\(build .*\\), 1 running · http`));

    const why = (await place.tac8('why', '1')).out;
    expect(why).not.toContain('\u001b');
    expect(why).toMatch(
      new RegExp(`✗ PR #${number} draft · checks: 3 passed, 1 failing .*\n +→ a further commit on auto/gh-1, or a build`),
    );

    fake.setCheck(number, { name: 'build \u001b[2J\nx', conclusion: 'success' });
    fake.setStatus('wil', number, { context: 'deploy', state: 'success' });
    await checksAre(place, 'passed');
    fake.markReady(number);
    await place.until('a pull that is no draft', async () => (await pullOf(place))?.draft === false);
    expect(pullLine((await place.tac8('status')).out, number)).toContain(`PR #${number} open · checks: 5 passed`);

    // A daemon that is gone: what it knew last stays, and that it is old is said.
    await daemon.end('SIGKILL');
    expect(await pullOf(place)).toMatchObject({ state: 'open', checks: { state: 'passed' } });
    expect((await place.tac8('status')).out).toMatch(/no daemon runs(?:.|\n)*checks: 5 passed/);

    // Merged while nobody looked: whoever asks why is told, and the next daemon finds out.
    await fake.mergePull('wil', number);
    expect(pullLine((await place.tac8('status')).out, number)).toContain(`PR #${number} open`);
    expect((await place.tac8('why', '1')).out).toContain(`✓ PR #${number} merged · http`);
    place.start();
    await place.until('a merged pull', async () => (await pullOf(place))?.state === 'merged');
    expect(pullLine((await place.tac8('status')).out, number)).toMatch(new RegExp(`PR #${number} merged · http`));
  },
);

test('checks that cannot be had are unknown, and keep nothing from going on', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  place.configure({ agent: place.agent(AGENT) });
  // A server without GraphQL, and commit statuses may not be read.
  fake.faults.add({ match: { path: /^\/graphql/ }, kind: 'status', status: 404, times: null });
  fake.faults.add({ match: { path: /\/commits\/[0-9a-f]+\/status/ }, kind: 'status', status: 403, times: null });
  place.issue('One');
  const daemon = place.start();
  const { number } = await checksAre(place, 'unknown');
  expect(pullLine((await place.tac8('status')).out, number)).toContain(
    'checks: none; commit statuses not known (the token may not read them)',
  );
  expect(fake.journal.entries().filter(({ path }) => /\/commits\/[0-9a-f]+\/status/.test(path))).toHaveLength(1);

  fake.setCheck(number, { name: 'build', conclusion: 'failure' });
  await checksAre(place, 'failing');
  const broken = fake.faults.add({ match: { path: /\/check-runs/ }, kind: 'status', status: 502, times: null });
  await place.until('checks that are not known', async () => (await pullOf(place))?.checks?.known === false);
  expect(pullLine((await place.tac8('status')).out, number)).toMatch(
    /checks not known(?: for \d+ s)? \(.*502.*\): .* ago 1 failing \(build\); commit statuses/,
  );
  fake.faults.remove(broken.id);

  // A question that hangs is in nobody's way: another issue starts and ends meanwhile, and the daemon leaves when it is told to.
  fake.faults.add({ match: { path: /\/check-runs/ }, kind: 'hang', times: null });
  place.issue('Two');
  await place.until('the other task', async () => (await place.status()).counts.completed === 2);
  const { code } = await daemon.end('SIGTERM', 30_000);
  expect(code).toBe(0);
});
