import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type FamilySeen, readPage } from '../../support/forge/prometheus.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

const AGENT = 'set -e; echo hello > "$TAC8_TASK.txt"; git add -A; git commit -qm work; echo done; exec sleep 600';
const QUICK = AGENT.replace('; exec sleep 600', '');
const FAILING = 'echo hello; exit 7';

type Page = ReadonlyMap<string, FamilySeen>;

const address = (place: Workplace): string | null => {
  const text = place.read('.tac8/http.json');
  return text === '' ? null : (JSON.parse(text) as { url: string }).url;
};

async function pageOf(place: Workplace): Promise<Page> {
  const url = await place.until('the address of the metrics', () => address(place));
  const answer = await fetch(`${url}/metrics`, { signal: AbortSignal.timeout(20_000) });
  expect(answer.status).toBe(200);
  return readPage(await answer.text());
}

/** The value of the line with these labels; null: there is none. */
const value = (page: Page, name: string, labels: Readonly<Record<string, string>> = {}): number | null => {
  const [family, suffix] = page.has(name) ? [name, ''] : [name.replace(/_(count|sum)$/, ''), name];
  const lines = page.get(family)?.lines.filter((line) => suffix === '' || line.name === suffix) ?? [];
  return lines.find((line) => Object.entries(labels).every(([key, wanted]) => line.labels[key] === wanted))?.value ?? null;
};

test(
  'the page of the real daemon: tasks, runs, GitHub, loop, machine; the counters survive kill -9',
  { timeout: 120_000 },
  async (context) => {
    const place = await workplace(context);
    place.configure({ agent: place.agent(QUICK), limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 } });
    const done = place.issue('A "quoted" \\ title');
    const first = place.start();
    await place.until('a completed task', async () => (await place.status()).counts.completed === 1);
    place.configure({ agent: place.agent(FAILING), limits: { min_free_memory: '16MiB', min_free_disk: '16MiB', attempts: 1 } });
    expect(await place.tac8('reload')).toMatchObject({ code: 0, err: '' });
    place.issue('Fails');
    await place.until('a failed task', async () => (await place.status()).counts.failed === 1);
    const settled = async () => value(await pageOf(place), 'tac8_runs_total', { outcome: 'agent_error' }) === 1;
    await place.until('both runs settled', settled);

    const page = await pageOf(place);
    expect(value(page, 'tac8_tasks', { state: 'completed' })).toBe(1);
    expect(value(page, 'tac8_tasks', { state: 'failed' })).toBe(1);
    expect(value(page, 'tac8_runs_total', { outcome: 'done' })).toBe(1);
    expect(value(page, 'tac8_run_duration_seconds_count', { outcome: 'done' })).toBe(1);
    expect(value(page, 'tac8_run_duration_seconds_count', { outcome: 'failed' })).toBe(1);
    expect(value(page, 'tac8_workers_launched_total')).toBe(2);
    expect(value(page, 'tac8_pulls_created_total')).toBe(1);
    expect(value(page, 'tac8_github_up')).toBe(1);
    expect(value(page, 'tac8_github_limit_remaining')).toBeGreaterThan(0);
    // Who spent what of it.
    for (const by of ['issues', 'pulls', 'rights'])
      expect([by, value(page, 'tac8_github_spent_requests', { by })]).toEqual([by, expect.any(Number)]);
    expect(value(page, 'tac8_failed_ticks_total')).toBe(0);
    expect(value(page, 'tac8_tick_seconds_count')).toBeGreaterThan(0);
    expect(value(page, 'tac8_loop_lag_seconds_count')).toBeGreaterThan(0);
    expect(value(page, 'tac8_machine_memory_available_bytes')).toBeGreaterThan(1e6);
    expect(value(page, 'tac8_machine_disk_free_bytes')).toBeGreaterThan(1e6);
    expect(value(page, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
    expect(done).toBeGreaterThan(0);

    // As the way out of the sandboxes counts, by task and host.
    mkdirSync(join(place.root, '.tac8/egress'));
    const [few, more] = [
      { requests: 3, sent: 10, received: 20 },
      { requests: 4, sent: 100, received: 200 },
    ];
    const counts = { 'gh-1': { 'a.example:443': few }, 'gh-2': { 'a.example:443': more, 'b.example:443': few } };
    writeFileSync(join(place.root, '.tac8/egress/traffic.json'), JSON.stringify(counts));
    const counted = await pageOf(place);
    const through = (what: string, host: string) => value(counted, `tac8_sandbox_${what}_total`, { host });
    expect(['requests', 'sent_bytes', 'received_bytes'].map((what) => through(what, 'a.example:443'))).toEqual([7, 110, 220]);
    expect(through('requests', 'b.example:443')).toBe(3);

    await first.end('SIGKILL');
    const url = address(place);
    const second = place.start();
    await place.until('the address of the new daemon', () => address(place) !== url);
    const again = await pageOf(place);
    for (const outcome of ['done', 'agent_error']) expect(value(again, 'tac8_runs_total', { outcome })).toBe(1);
    expect(value(again, 'tac8_run_duration_seconds_sum', { outcome: 'done' })).toBe(
      value(page, 'tac8_run_duration_seconds_sum', { outcome: 'done' }),
    );
    expect(value(again, 'tac8_workers_launched_total')).toBe(2);

    expect((await fetch(`${address(place)}/healthz`)).status).toBe(200);
    expect((await second.end('SIGTERM')).code).toBe(0);
    expect(address(place)).toBeNull();
  },
);

test('a worker’s tree is measured while it runs; a taken port is a warning', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen({ port: 0, host: '127.0.0.1' }, resolve));
  context.onTestFinished(() => void taken.close());
  const held = taken.address();
  const port = typeof held === 'object' && held !== null ? held.port : 0;
  place.configure({ agent: place.agent(AGENT), http: { port } });
  const task = `gh-${place.issue('Long')}`;
  const daemon = place.start();
  const memory = await place.until('the memory of the worker', async () =>
    value(await pageOf(place), 'tac8_worker_memory_bytes', { task }),
  );
  expect(memory).toBeGreaterThan(100_000);
  expect(Number(new URL(address(place) ?? '').port)).toBeGreaterThan(port);
  expect(place.read('logs/tac8.log')).toContain(`port ${port} is taken`);
  await daemon.end('SIGKILL');
});

test('with http.enabled: false nothing listens', { timeout: 60_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ http: { enabled: false } });
  const daemon = place.start();
  await place.until('a look at GitHub', async () => (await place.status()).issues?.known === true);
  expect(address(place)).toBeNull();
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});
