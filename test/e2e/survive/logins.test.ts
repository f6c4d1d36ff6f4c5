import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, type TestContext, test } from 'vitest';
import { claudePath } from '../../../scripts/fetch/fetch-claude.ts';
import { type MockModel, startMockModel } from '../../support/model/server.ts';
import type { Step } from '../../support/model/steps.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';
import { inTheBox } from '../../support/world/in-the-box.ts';

/** Two logins of the real Claude Code, each with a provider of its own. */

const claude = claudePath(join(import.meta.dirname, '../../../.cache'));
const PATIENCE = 100_000;
const LIMIT = { timeout: 240_000 };

beforeAll(() => {
  if (!existsSync(claude)) throw new Error(`${claude} is missing: run \`node scripts/fetch/fetch-claude.ts\` (npm test does)`);
});

interface World {
  readonly place: Workplace;
  readonly first: MockModel;
  readonly second: MockModel;
  /** The agents that ask them. */
  readonly agents: Record<
    'first' | 'second',
    { readonly kind: 'claude'; readonly command: readonly [string]; readonly env: readonly string[] }
  >;
}

async function begin(context: TestContext, scripts: { readonly first: readonly Step[]; readonly second: readonly Step[] }): Promise<World> {
  const first = await startMockModel({ work: scripts.first });
  const second = await startMockModel({ work: scripts.second });
  context.onTestFinished(() => Promise.all([first.close(), second.close()]).then(() => undefined));
  const place = await workplace(context);
  Object.assign(place.env, {
    CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-fake-login-of-nobody',
    CLAUDE_CODE_MAX_RETRIES: '0',
    API_TIMEOUT_MS: '30000',
  });
  const agentAt = ({ url }: MockModel, name: string) => {
    const program = join(place.home, name);
    writeFileSync(program, `#!/bin/sh\nexport ANTHROPIC_BASE_URL=${url}/s/work\nexec '${claude}' "$@"\n`, { mode: 0o755 });
    return { kind: 'claude', command: [program], env: ['CLAUDE_CODE_OAUTH_TOKEN', 'CLAUDE_CODE_MAX_RETRIES', 'API_TIMEOUT_MS'] } as const;
  };
  return { place, first, second, agents: { first: agentAt(first, 'first'), second: agentAt(second, 'second') } };
}

const limits = { min_free_memory: '16MiB', min_free_disk: '16MiB' };
/** A commit, and then no more until then. */
const cutOff = (reset: number): readonly Step[] => [
  { sh: 'echo one >one.txt; git add -A; git commit -qm "Part one"' },
  {
    error: 429,
    headers: {
      'anthropic-ratelimit-unified-status': 'rejected',
      'anthropic-ratelimit-unified-reset': String(reset),
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
    },
    times: 1,
    ok: { sh: 'echo rest >rest.txt; git add -A; git commit -qm "The rest"' },
  },
  { text: 'Done.' },
];
const WORK: readonly Step[] = [{ sh: 'echo two >two.txt; git add -A; git commit -qm "Part two"' }, { text: 'Done.' }];
const inSeconds = (seconds: number): number => Math.ceil(Date.now() / 1000) + seconds;

// Their programs name the address themselves, which no box reaches.
const outside = test.skipIf(inTheBox());

outside('one login is at its limit: its task waits and burns no attempt, the other’s go on', LIMIT, async (context) => {
  const reset = inSeconds(3 * 3600);
  const { place, first, agents } = await begin(context, { first: cutOff(reset), second: WORK });
  place.configure({
    agent: agents.first,
    agents: { second: agents.second },
    routes: [{ when: { labels: ['hard'] }, agent: 'second' }],
    limits,
  });
  const one = `gh-${place.issue('One', 'Do it.')}`;
  const daemon = place.start();
  const task = async (id: string) => (await place.status()).tasks.find((row) => row.id === id);
  await place.until('the limit', async () => (await place.status()).parked_logins.length > 0, PATIENCE);
  expect((await place.status()).parked_logins).toMatchObject([{ login: 'default', type: 'usage_limit' }]);
  expect((await place.tac8('why', one)).out).toMatch(/parked the login default: usage_limit: 429/);
  const two = `gh-${place.fake.createIssue('wil', { title: 'Two', body: 'Do it.', labels: ['rpi-auto', 'hard'] })}`;
  await place.until('the other’s end', async () => (await task(two))?.state === 'completed', PATIENCE);
  expect(await task(one)).toMatchObject({ state: 'pending', attempts: 0 });
  const again = Date.parse((await task(one))?.retry_at ?? '');
  expect(again).toBeGreaterThanOrEqual(reset * 1000);
  // A person wants it now: the same conversation.
  await place.tac8('resume');
  await place.tac8('retry', one, '--continue');
  await place.until('its own end', async () => (await task(one))?.state === 'completed', PATIENCE);
  expect(first.asked.at(-1)?.lastUser).not.toContain('You work alone');
  expect(daemon.happened().filter((event) => event.event === 'started' && event.task === one)).toHaveLength(2);
});

outside('with limits.next_route the next one takes the task over at once, told of what was done', LIMIT, async (context) => {
  const { place, second, agents } = await begin(context, { first: cutOff(inSeconds(3 * 3600)), second: WORK });
  place.configure({
    agent: agents.second,
    agents: { first: agents.first },
    routes: [{ when: {}, agent: 'first' }],
    limits: { ...limits, next_route: true },
  });
  const one = place.issue('One', 'Do it.');
  place.start();
  await place.until('the pull', () => place.fake.state.issues.some(({ pull }) => pull !== null), PATIENCE);
  const [told] = second.asked;
  expect(told?.lastUser).toContain('Another agent (first (claude)) began this task, and its provider cut it off (usage_limit).');
  expect(told?.lastUser).toMatch(/The last thing that it did: \S/);
  await place.until('its end', async () => (await place.status()).tasks[0]?.state === 'completed', PATIENCE);
  const { tasks } = await place.status();
  expect(tasks).toMatchObject([{ id: `gh-${one}`, run: { agent: 'claude', attempt: 1 } }]);
  expect(
    place.repo
      .git(['log', '--format=%s', `auto/gh-${one}`])
      .split('\n')
      .slice(0, 2),
  ).toEqual(['Part two', 'Part one']);
});
