import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type TestContext, test } from 'vitest';
import { type Daemon, type Workplace, workplace } from '../../support/world/daemon.ts';

/** `tac8 stop` without a task: what it says of the daemon and of its workers is what has happened. */

const LIMIT = { timeout: 120_000 };
/** Works until somebody writes the file `end`. */
const PATIENT = 'while [ ! -e "$1/end" ]; do sleep 0.05; done\necho hi >hi.txt; git add hi.txt; git commit -qm hi';

interface Scene {
  readonly place: Workplace;
  readonly daemon: Daemon;
  /** Of the worker. */
  readonly pid: number;
}

async function atWork(context: TestContext, stop: Readonly<Record<string, string>> = {}): Promise<Scene> {
  const place = await workplace(context);
  place.configure({ agent: place.agent(PATIENT), stop: { tool: '200ms', interrupt: '200ms', terminate: '500ms', kill: '2s', ...stop } });
  writeFileSync(join(place.root, 'tasks.md'), '# Work Queue\n\n## Pending\n[] Wait\n');
  const daemon = place.start();
  const pid = Number(await place.until('the worker', () => /^- PID: (\d+)$/m.exec(place.board())?.[1]));
  return { place, daemon, pid };
}

const lives = (pid: number): boolean => existsSync(`/proc/${pid}`);
const mayEnd = ({ place }: Scene): void => writeFileSync(join(place.notes, 'end'), '');

test('said twice it still waits for the worker', LIMIT, async (context) => {
  const scene = await atWork(context);
  const { place, daemon, pid } = scene;
  const goesOn = `daemon ${daemon.pid} starts nothing new; it leaves when its running workers are done`;
  expect(await place.tac8('stop', '--timeout', '0')).toMatchObject({ code: 0, out: `${goesOn}\n`, err: '' });
  const second = await place.tac8('stop', '--timeout', '0', '--json');
  expect(JSON.parse(second.out)).toMatchObject({ ok: true, message: goesOn });
  expect([daemon.isRunning(), lives(pid)]).toEqual([true, true]);
  const third = place.tac8('stop');
  mayEnd(scene);
  expect(await third).toMatchObject({ code: 0, out: `daemon ${daemon.pid} has left\n` });
  expect(await daemon.ended).toMatchObject({ code: 0 });
  expect(place.board()).toMatch(/\[✅ \w{7}, w-\w{6}\] local-1: Wait/);
  expect(await place.tac8('stop')).toMatchObject({ code: 3, err: expect.stringContaining('no daemon runs') });
});

test('--now: it leaves, and the worker goes on', LIMIT, async (context) => {
  const scene = await atWork(context);
  const { place, daemon, pid } = scene;
  expect(await place.tac8('stop', '--now')).toMatchObject({ code: 0, out: `daemon ${daemon.pid} has left; its workers go on\n` });
  await daemon.ended;
  expect(lives(pid)).toBe(true);
  mayEnd(scene);
  expect((await place.tac8('start', '--once')).code).toBe(0);
  expect(place.board()).toMatch(/\[✅ \w{7}, w-\w{6}\] local-1: Wait/);
});

test('--stop-workers: they are gone when it says so, and their task is to go on', LIMIT, async (context) => {
  const { place, daemon, pid } = await atWork(context);
  const stopped = await place.tac8('stop', '--stop-workers');
  expect(stopped).toMatchObject({
    code: 0,
    out: `daemon ${daemon.pid} has left; its workers are ended, the next start goes on in their conversations\n`,
  });
  expect(lives(pid)).toBe(false);
  expect(await place.status()).toMatchObject({ tasks: [{ state: 'pending', attempts: 0 }] });
});

test('a daemon that is gone before it answers: said at once, and the command waits for the next', LIMIT, async (context) => {
  const { place, daemon } = await atWork(context, { tool: '10s' });
  const asked = place.tac8('cancel', 'local-1', '--timeout', '100');
  await place.until('the stop', () => daemon.happened().some(({ event }) => event === 'stop'));
  await daemon.end('SIGKILL');
  expect(await asked).toMatchObject({ code: 3, err: expect.stringContaining('the daemon left before it answered: `cancel` is noted') });
  expect((await place.tac8('start', '--once')).code).toBe(0);
  expect(place.board()).toMatch(/\[❌ w-\w{6}\] local-1: Wait/);
});
