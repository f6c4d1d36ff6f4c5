import { expect, test } from 'vitest';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

/* GitHub says that something happened, and tac8 looks at once: here nothing is polled for an hour. What is lost, polling finds. */

const SECRET = 'a secret of this webhook';
const SLOW = `echo '{"type":"text"}'; echo half >half; sleep 600`;
const stop = { tool: '100ms', interrupt: '100ms', terminate: '2s', kill: '3s' };
const states = async (place: Workplace) => (await place.status()).tasks.map(({ id, state }) => `${id} ${state}`);
const LABEL = 'rpi-auto';

async function addressOf(place: Workplace): Promise<string> {
  const text = await place.until('the address', () => place.read('.tac8/http.json') || null);
  return `${(JSON.parse(text) as { url: string }).url}/webhooks/github`;
}

function configure(place: Workplace, poll: string): void {
  place.env.HOOK_SECRET = SECRET;
  const github = { api_url: place.fake.url, comments: false, webhook_secret_env: 'HOOK_SECRET' };
  place.configure({ agent: place.agent(SLOW), stop, github, poll_interval: poll });
}

test(
  'a label put on starts a worker, one taken off stops it; doubled and forged ones do nothing more',
  { timeout: 240_000 },
  async (context) => {
    const place = await workplace(context);
    const { fake } = place;
    configure(place, '1h');
    const daemon = place.start();
    const url = await addressOf(place);
    fake.hooks.aim({ url, secret: SECRET, double: 1 });
    const number = place.issue('One');
    await place.until('a worker', async () => (await place.status()).tasks[0]?.run?.state === 'running');
    expect(fake.hooks.sent().every(({ status }) => status === 202)).toBe(true);
    fake.unlabel('wil', number, LABEL);
    await place.until('the end of its worker', async () => (await states(place)).includes(`gh-${number} failed`));

    // Another secret: nobody looks, and the poll is an hour away.
    fake.hooks.aim({ url, secret: 'guessed' });
    const asked = () => fake.journal.entries().filter(({ path }) => /\/issues\?/.test(path)).length;
    const before = asked();
    const other = place.issue('Two');
    await place.until('the answer to the forged one', () => fake.hooks.sent().some(({ status }) => status === 401));
    expect(asked()).toBe(before);
    expect(await states(place)).not.toContain(`gh-${other} active`);

    // Known after a restart, which polls by itself.
    expect((await daemon.end('SIGTERM', 30_000)).code).toBe(0);
    const kept = place.read('.tac8/webhooks.jsonl').trimEnd().split('\n');
    expect(new Set(kept).size).toBe(kept.length);
    expect(kept.length).toBe(fake.hooks.sent().filter(({ status }) => status === 202).length);
  },
);

test('of webhooks that are lost polling finds what they were about', { timeout: 240_000 }, async (context) => {
  const place = await workplace(context);
  const { fake } = place;
  configure(place, '300ms');
  place.start();
  fake.hooks.aim({ url: await addressOf(place), secret: SECRET, lose: 1 });
  const number = place.issue('One');
  await place.until('a worker', async () => (await place.status()).tasks[0]?.run?.state === 'running');
  fake.closeIssue('wil', number);
  await place.until('the end of its worker', async () => (await states(place)).includes(`gh-${number} failed`));
  expect(fake.hooks.sent().every(({ lost }) => lost)).toBe(true);
});
