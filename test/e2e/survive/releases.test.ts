import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RELEASES } from '../../support/release/kept.ts';
import { stageRelease } from '../../support/release/stage.ts';
import type { Workplace } from '../../support/world/daemon.ts';

const PATIENCE = 120_000;
const versions = readdirSync(RELEASES);

test('what every release since 0.1.0 left is kept', () => {
  expect(versions).toContain('0.1.0');
});

const metricsOf = (place: Workplace): Readonly<Record<string, number>> =>
  JSON.parse(readFileSync(join(place.root, 'adws/metrics.json'), 'utf8')) as Record<string, number>;

test.for(versions)(
  '%s: its tasks, board and logs are read, its live workers told, stopped and settled',
  { timeout: 420_000 },
  async (version, context) => {
    const { place, live } = await stageRelease(context, version);
    const before = metricsOf(place);
    const daemon = place.start();
    const [told, stopped] = ['gh-5', 'gh-6'];

    // Adopted: the same runs, the same processes, nothing begun in their place.
    await place.until('a tick', async () => (await place.status()).daemon?.pid === daemon.pid, PATIENCE);
    const tasks = (await place.status()).tasks;
    const working = tasks.filter(({ state }) => state === 'active').map(({ id, run }) => [id, { run: run?.id, pid: run?.pid }]);
    expect(new Map(working as [string, { run: string; pid: number }][])).toEqual(live);

    // What it knew is known.
    const states = Object.fromEntries(tasks.map(({ id, state }) => [id, state]));
    expect(states).toMatchObject({ 'gh-1': 'completed', 'gh-2': 'blocked', 'gh-3': 'failed', 'gh-7': 'pending', 'gh-8': 'pending' });
    const fleet = await place.status();
    expect(fleet.parked).toMatchObject({ type: 'usage_limit' });
    expect(tasks.find(({ id }) => id === 'gh-2')).toMatchObject({ question: expect.stringContaining('SQLite or Parquet?') });
    expect((await place.tac8('why', '3')).out).toContain('It broke.');
    expect((await place.tac8('why', '9')).out).toMatch(/paused by a person/);

    // Its logs.
    expect((await place.tac8('view', '1')).out).toContain('I look at gh-1.');
    expect((await place.tac8('view', '3')).out).toContain('It broke.');
    expect((await place.tac8('search', 'look')).out).toMatch(/gh-1[\s\S]*gh-2|gh-2[\s\S]*gh-1/);
    expect(JSON.parse((await place.tac8('report', '--json', '--offline')).out)).toMatchObject({ runs: 4, done: 1, asked: 1 });

    // A person's edit of before, merged with the old base.
    await place.until('the edit', () => /local-1: Tidy the examples/.test(place.board()), PATIENCE);
    expect(place.board()).toContain('A person’s own note.');
    for (const id of ['gh-1', 'gh-2', 'gh-3', 'gh-5', 'gh-6', 'gh-7', 'gh-8', 'gh-9', 'local-1'])
      expect(place.board().split(`${id}: `), id).toHaveLength(2);

    // What was asked of it when nobody answered any more.
    await place.until('the answer', () => /gh-8: .*\{p0\}/.test(place.board()), PATIENCE);

    // Steered, as that version's run can be.
    expect((await place.tac8('tell', '5', 'Finish.')).out).toMatch(/taken up/);
    const pullOf = () => place.fake.state.issues.find(({ pull, body }) => pull !== null && body?.startsWith('Closes #5\n'));
    await place.until('its pull', () => pullOf() !== undefined, PATIENCE);
    expect((await place.tac8('stop', '6')).code).toBe(0);
    await place.until('both ends', async () => (await place.status()).tasks.every(({ state }) => state !== 'active'), PATIENCE);
    const after = (await place.status()).tasks;
    expect(after.find(({ id }) => id === told)).toMatchObject({ state: 'completed', run: { id: live.get(told)?.run } });
    expect(after.find(({ id }) => id === stopped)).toMatchObject({ state: 'failed', reason: { type: 'stopped' } });
    expect(daemon.happened().filter(({ event, task }) => event === 'started' && (task === told || task === stopped))).toEqual([]);

    // Counters go on.
    await place.until('the counters', () => metricsOf(place).prs_created === (before.prs_created ?? 0) + 1, PATIENCE);
    expect(metricsOf(place)).toMatchObject({
      workers_launched: before.workers_launched,
      workers_completed: (before.workers_completed ?? 0) + 1,
    });
    expect(await daemon.end('SIGTERM')).toMatchObject({ code: 0 });
  },
);

test.for(versions)(
  '%s: an edit that looks like an accident, made while it was away, is held by its base',
  { timeout: 240_000 },
  async (version, context) => {
    const { place } = await stageRelease(context, version);
    writeFileSync(join(place.root, 'tasks.md'), '# Tasks\n');
    const daemon = place.start();
    await place.until('the held edit', async () => (await place.tac8('status')).out.includes('tac8 board accept'), PATIENCE);
    expect(place.board()).toBe('# Tasks\n');
    expect(await place.tac8('board', 'restore')).toMatchObject({ code: 0 });
    await place.until('the lines', () => place.board().includes('gh-9: '), PATIENCE);
    for (const id of ['gh-1', 'gh-2', 'gh-3', 'gh-5', 'gh-6', 'gh-7', 'gh-8', 'gh-9'])
      expect(place.board().split(`${id}: `), id).toHaveLength(2);
    expect((await place.status()).tasks.filter(({ reason }) => reason?.type === 'cancelled')).toEqual([]);
    expect(await daemon.end('SIGUSR2')).toMatchObject({ code: 0 });
  },
);
