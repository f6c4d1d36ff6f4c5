import { execFile } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { state } from '../../../src/api/state.ts';
import { taskDetail } from '../../../src/api/task.ts';
import { type Workplace, workplace } from '../../support/world/daemon.ts';

const ROOT = join(import.meta.dirname, '../../..');
const AGENT = 'set -e; echo hello > "$TAC8_TASK.txt"; echo begun; exec sleep 600';
const run = promisify(execFile);

const url = (place: Workplace): string | null => {
  const text = place.read('.tac8/http.json');
  return text === '' ? null : (JSON.parse(text) as { url: string }).url;
};
const stateAt = async (place: Workplace, headers: Readonly<Record<string, string>>) => {
  const answer = await fetch(`${url(place)}/api/v1/state`, { headers });
  return answer.ok ? state.parse(await answer.json()) : answer.status;
};
const running = async (place: Workplace) => (await place.status()).tasks.find((task) => task.run?.pid != null)?.id ?? null;

test('what docs/api.md tells people to type works on a running daemon', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ agent: place.agent(AGENT), http: { port: 0 } });
  place.issue('Long');
  const daemon = place.start();
  const task = await place.until('a running worker', () => running(place));
  const page = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');
  const script = [...page.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block]) => block).join('\n');
  const { stdout } = await run('bash', ['-e', '-o', 'pipefail', '-c', script], { cwd: place.root, timeout: 60_000 });
  expect(stdout).toContain(`${task} `);
  expect(stdout).toContain('raw begun');
  expect(stdout).toContain(`+hello`);
  expect(stdout).toContain('event: state');
  expect(stdout).toMatch(/paused|true/);
  expect(stdout).toMatch(new RegExp(`${task} .*stopped`));
  await place.until('the stop', async () => (await place.status()).tasks.find(({ id }) => id === task)?.state === 'failed');
  expect((await daemon.end('SIGTERM')).code).toBe(0);
});

test('a page goes on after the daemon was killed; without a token nobody is let in', { timeout: 120_000 }, async (context) => {
  const place = await workplace(context);
  place.configure({ http: { port: 0 } });
  const first = place.start();
  await place.until('the address', () => url(place));
  const file = join(place.root, '.tac8/page-token');
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const link = await place.tac8('page', '--json');
  const entered = await fetch((JSON.parse(link.out) as { url: string }).url, { redirect: 'manual' });
  expect([entered.status, entered.headers.get('location')?.slice(0, 6)]).toEqual([303, '/#key=']);
  const cookie = entered.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  expect(await stateAt(place, { cookie })).toMatchObject({ root: place.root, daemon: { pid: first.pid } });
  expect(await stateAt(place, {})).toBe(401);
  // The same port, as with a port that is set.
  place.configure({ http: { port: Number(new URL(url(place) ?? '').port) } });
  await first.end('SIGKILL');
  const second = place.start();
  await place.until('the state again', async () => {
    const seen = await stateAt(place, { cookie }).catch(() => null);
    return typeof seen === 'object' && seen?.daemon?.pid === second.pid;
  });
  const { token } = { token: readFileSync(file, 'utf8').trim() };
  const added = await fetch(`${url(place)}/api/v1/tasks`, {
    ...{ method: 'POST', body: JSON.stringify({ title: 'From afar' }) },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
  });
  expect([added.status, await added.json()]).toMatchObject([200, { ok: true, message: 'local-1 added' }]);
  const detail = await fetch(`${url(place)}/api/v1/tasks/local-1`, { headers: { cookie } });
  expect(taskDetail.parse(await detail.json())).toMatchObject({ title: 'From afar', armed_by: 'person' });
  expect((await second.end('SIGTERM')).code).toBe(0);
});
