import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { openSqliteStore } from '../../../src/adapters/store/sqlite/sqlite.ts';
import { NO_TOTALS, TOTALS_FACT } from '../../../src/core/limits/totals.ts';
import type { RULES } from '../../../src/core/model/alert.ts';
import { NEW_FLEET } from '../../../src/core/model/fleet.ts';
import { type Listener, startListener } from '../../support/forge/listener.ts';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

type Rule = (typeof RULES)[number];

/** Does what its mode says: works, fails, asks, or sleeps until it may go. */
const AGENT = `case "$(cat "$1/mode")" in
  fail) echo trying; exit 7 ;;
  ask) echo 'SQLite or Parquet?' >BLOCKED.md; echo asked ;;
  sleep) echo resting; until [ -e "$1/go" ]; do sleep 0.1; done; echo "$TAC8_TASK" >done.txt; git add -A; git commit -qm work ;;
  *) date +%N >"$TAC8_TASK.txt"; git add -A; git commit -qm work; echo done ;;
esac
`;

/** A daemon that tells a loopback Slack and a webhook; the webhook's documents say which rule it was. */
async function told(context: TestContext) {
  const place = await workplace(context);
  const slack = await startListener();
  const hook = await startListener();
  context.onTestFinished(async () => {
    await slack.close();
    await hook.close();
  });
  place.env.SLACK_WEBHOOK = `${slack.url}/services/T/B/secret`;
  let daemon: Daemon | null = null;
  const limits = { min_free_memory: '1MiB', min_free_disk: '1MiB', attempts: 2, retry_delay: '0s' };
  const alerts = { github_down: '10m', stuck: '10m', sustained: '0s', daemon_down: '10m', off: ['memory'] };
  const configure = (more: { limits?: object; alerts?: object; metrics?: object } = {}): void =>
    place.configure({
      agent: place.agent(AGENT),
      max_concurrent_workers: 3,
      notify: [
        { kind: 'slack', url_env: 'SLACK_WEBHOOK' },
        { kind: 'webhook', url: hook.url },
      ],
      ...more,
      limits: { ...limits, ...more.limits },
      alerts: { ...alerts, ...more.alerts },
    });
  configure();
  const notices = () =>
    hook.heard.map(({ body }) => JSON.parse(body) as { id: string; event: string; rule: Rule; task: string | null; text: string });
  const events = (rule: Rule): readonly string[] => notices().flatMap((one) => (one.rule === rule ? [one.event] : []));
  return {
    ...{ place, slack, hook, configure, notices, events },
    mode: (mode: string) => writeFileSync(join(place.notes, 'mode'), mode),
    start: () => {
      daemon = place.start();
      return daemon;
    },
    /** kill -9, and a new one. */
    async renew(between: () => void | Promise<void> = () => undefined): Promise<void> {
      // Killed between telling and writing down that it was told, it would rightly tell again, under the same id.
      await place.until('all to be told', () => outboxIn(place) === 0);
      await daemon?.end('SIGKILL');
      await between();
      const before = polls(place);
      daemon = place.start();
      await place.until('the first question of the new daemon', () => polls(place) > before);
    },
    until: (rule: Rule, ...wanted: readonly string[]) =>
      place.until(`${rule} to be ${wanted.join(', ')}`, () => events(rule).join() === wanted.join(), 60_000),
    end: async () => expect((await daemon?.end('SIGTERM'))?.code).toBe(0),
  };
}

function outboxIn(place: Workplace): number {
  const store = openSqliteStore({ path: join(place.root, '.tac8/tac8.db'), readOnly: true });
  try {
    return store.fact('outbox')?.length ?? 0;
  } finally {
    store.close();
  }
}

const polls = (place: Workplace): number => place.fake.journal.entries().filter(({ path }) => path.includes('/issues?')).length;

/** Slack is told what the webhook is told. */
async function expectSame(place: Workplace, slack: Listener, hook: Listener): Promise<void> {
  await place.until('Slack to be told as much', () => slack.heard.length === hook.heard.length);
  const texts = hook.heard.map(({ body }) => (JSON.parse(body) as { text: string }).text);
  for (const [n, { path, body }] of slack.heard.entries()) {
    expect(path).toBe('/services/T/B/secret');
    expect((JSON.parse(body) as { text: string }).text).toContain(texts[n]);
  }
}

test('what becomes of the work: each told once, over once, across kill -9', { timeout: 240_000 }, async (context) => {
  const { place, slack, hook, mode, start, renew, until, events, notices, end } = await told(context);
  mode('fail');
  const failing = place.issue('Fails');
  start();
  await until('failed', 'fired');
  await until('same_failure', 'fired');
  await renew();
  mode('ask');
  const asking = place.issue('Asks');
  await until('needs_person', 'fired');
  await renew();
  mode('work');
  for (const number of [failing, asking]) expect((await place.tac8('retry', `${number}`)).code).toBe(0);
  for (const rule of ['failed', 'same_failure', 'needs_person'] as const) await until(rule, 'fired', 'cleared');
  await renew();
  const before = polls(place);
  await place.until('three more looks', () => polls(place) >= before + 3);
  for (const rule of ['failed', 'same_failure', 'needs_person'] as const) expect(events(rule)).toEqual(['fired', 'cleared']);
  expect(notices().every(({ rule }) => ['failed', 'same_failure', 'needs_person'].includes(rule))).toBe(true);
  await expectSame(place, slack, hook);
  await end();
  expect(place.read('logs/tac8.log')).not.toContain('secret');
});

test(
  'GitHub, disk, heat, money, silence, failures, the daemon itself: once each, across kill -9',
  { timeout: 240_000 },
  async (context) => {
    const { place, slack, hook, configure, mode, start, renew, until, events, end } = await told(context);
    const zone = join(place.home, 'sys/class/thermal/thermal_zone0');
    const heat = (millidegrees: number): void => writeFileSync(join(zone, 'temp'), `${millidegrees}\n`);
    mkdirSync(zone, { recursive: true });
    heat(91_000);
    const metrics = { sysfs: join(place.home, 'sys') };
    const remember = (recent: readonly string[], usd: number): void => {
      const store = openSqliteStore({ path: join(place.root, '.tac8/tac8.db') });
      const fleet = { ...NEW_FLEET, ...store.fact('fleet'), day: { start: today, usd } };
      store.commit({ facts: { [TOTALS_FACT]: { ...NO_TOTALS, recent }, fleet } });
      store.close();
    };
    /** The last signs of life of the daemon that was are older by this. */
    const longAgo = (ms: number): void => {
      const store = openSqliteStore({ path: join(place.root, '.tac8/tac8.db') });
      const sign = store.fact('sign');
      const usage = store.fact('usage');
      if (!sign || !usage) throw new Error('the daemon left no sign of life');
      store.commit({ facts: { sign: { ...sign, at: sign.at - ms }, usage: { ...usage, at: usage.at - ms } } });
      store.close();
    };
    // Wherever it is about noon: no day ends in the middle of the test.
    const hours = 12 - new Date().getUTCHours();
    const shift = hours * 3_600_000;
    place.env.TZ = `Etc/GMT${hours > 0 ? '-' : '+'}${Math.abs(hours)}`;
    const today = Math.floor((Date.now() + shift) / 86_400_000) * 86_400_000 - shift;
    const failures = [...new Array<string>(11).fill('stalled'), ...new Array<string>(9).fill('done')];

    configure({ metrics });
    start();
    await until('temperature', 'fired');
    heat(40_000);

    const away = { github_down: '1s' };
    configure({ metrics, alerts: away });
    place.fake.faults.add({ match: { path: /\/issues\?/ }, kind: 'status', status: 503, times: null });
    await until('github_down', 'fired');
    configure({ metrics, alerts: away, limits: { min_free_disk: '900TiB' } });
    await until('disk', 'fired');
    await renew(() => remember(failures, 90));
    await until('budget', 'fired');
    await until('many_failures', 'fired');
    place.fake.faults.remove();
    await until('github_down', 'fired', 'cleared');
    // A new daemon on a busy machine may take longer than a second to its first answer.
    configure({ metrics });
    await until('disk', 'fired', 'cleared');
    await until('temperature', 'fired', 'cleared');
    await renew(() => remember(failures.slice(-9), 1));
    await until('budget', 'fired', 'cleared');
    await until('many_failures', 'fired', 'cleared');

    mode('sleep');
    place.issue('Silent');
    // Long enough for a shell on a busy machine to say its first word.
    configure({ metrics, alerts: { stuck: '5s' } });
    await until('stuck', 'fired');
    await renew();
    writeFileSync(join(place.notes, 'go'), '');
    await until('stuck', 'fired', 'cleared');

    configure({ metrics, alerts: { daemon_down: '1s' } });
    await renew(() => longAgo(1_500));
    await until('daemon_down', 'fired', 'cleared');
    for (const rule of ['temperature', 'github_down', 'disk', 'budget', 'many_failures', 'stuck'] as const)
      expect(events(rule)).toEqual(['fired', 'cleared']);
    await expectSame(place, slack, hook);
    await end();
  },
);

test('a worker that the database does not know is told of, and that it was taken up', { timeout: 120_000 }, async (context) => {
  const { place, mode, start, renew, until, end } = await told(context);
  mode('sleep');
  const task = `gh-${place.issue('Adopted')}`;
  start();
  await place.until('a worker that has said something', () => place.read(`logs/${task}.jsonl`).includes('resting'));
  await renew(() => {
    for (const name of ['tac8.db', 'tac8.db-wal', 'tac8.db-shm']) rmSync(join(place.root, '.tac8', name), { force: true });
  });
  await until('orphan', 'fired', 'cleared');
  writeFileSync(join(place.notes, 'go'), '');
  await place.until('the end of its work', async () => (await place.status()).counts.completed === 1);
  await end();
});

test('tac8 notify test says what each channel answered', { timeout: 60_000 }, async (context) => {
  const { place, slack, hook } = await told(context);
  slack.answer({ status: 404, body: 'no_service' });
  const both = await place.tac8('notify', 'test');
  expect(both.code).toBe(1);
  expect(both.out).toMatch(/^✗ slack: 127\.0\.0\.1:\d+ answered 404 no_service\n✓ webhook: answered in \d+ ms: 200 ok\n$/);
  expect(both.err).toContain('slack did not take it');
  expect(both.out + both.err).not.toContain('secret');
  expect(JSON.parse(hook.heard[0]?.body ?? '')).toMatchObject({ event: 'test', rule: 'test', repo: 'acme/widgets' });
  const one = await place.tac8('notify', 'test', '--to', 'webhook', '--json');
  expect([one.code, JSON.parse(one.out)]).toEqual([0, [{ channel: 'webhook', ok: true, answer: '200 ok', ms: expect.any(Number) }]]);
  expect((await place.tac8('notify', 'test', '--to', 'nobody')).code).toBe(5);
  place.configure({ notify: [] });
  expect((await place.tac8('notify', 'test')).code).toBe(2);
});

test('whoever listens for the daemon’s sign of life hears it while the daemon works', { timeout: 60_000 }, async (context) => {
  const { place, configure, start, end } = await told(context);
  const ear = await startListener();
  context.onTestFinished(() => ear.close());
  configure({ alerts: { ping_url: `${ear.url}/ping/abc`, ping_every: '1s' } });
  start();
  await place.until('three signs of life', () => ear.heard.filter(({ path }) => path === '/ping/abc').length >= 3);
  await end();
});
