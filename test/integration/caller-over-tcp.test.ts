import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { callerOverTcp, workerOverTcp } from '../../src/orders/caller-over-tcp.ts';
import { startProgram } from '../support/world/program.ts';

/* Whoever has the page's key is not by that a person: a worker may have read it. The kernel tells who holds the other end. */

let state: string;
let server: Server;
/** It is looked who asks as soon as this is so. */
let mayLook: () => boolean;
/** The program that asks has ended. */
let isOver: boolean;
beforeEach(async () => {
  state = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-tcp-')));
  mkdirSync(join(state, 'runs'));
  mayLook = () => true;
  isOver = false;
  answers = [];
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => {
      const { remoteAddress, remotePort, localPort } = socket;
      const ends = { remoteAddress, remotePort, localPort };
      const look = async () => {
        await vi.waitUntil(mayLook, { timeout: 30_000, interval: 10 });
        return { caller: await callerOverTcp(ends, { state }), worker: await workerOverTcp(ends, { state }) };
      };
      const answer = look();
      answers.push(answer);
      void answer.then((told) => socket.end(JSON.stringify(told)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '::', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(state, { recursive: true, force: true });
});

interface Told {
  readonly caller: Awaited<ReturnType<typeof callerOverTcp>>;
  readonly worker: string | null;
}
let answers: Promise<Told>[];

const PROGRAM = `const s = require('node:net').connect(Number(process.env.PORT), process.env.AT, () => s.write('?'));
s.on('data', (text) => process.stdout.write(text));`;
/** It is gone when it is looked for. */
const GONE = `const s = require('node:net').connect(Number(process.env.PORT), process.env.AT, () => s.write('?', () => process.exit(0)));`;
/** It says all that it has to say, and waits. */
const HALF = PROGRAM.replace("s.write('?')", "s.end('?')");
interface Asking {
  readonly env?: Readonly<Record<string, string>>;
  readonly before?: readonly string[];
  readonly program?: string;
  readonly at?: string;
}

async function ask({ env = {}, before = [], program = PROGRAM, at = '127.0.0.1' }: Asking = {}): Promise<Told> {
  const port = String((server.address() as AddressInfo).port);
  const [first = process.execPath, ...rest] = [...before, process.execPath, '-e', program];
  const asking = startProgram([first, ...rest], { cwd: state, env: { PATH: '/usr/bin:/bin', PORT: port, AT: at, ...env } });
  void asking.ended.then(() => {
    isOver = true;
  });
  await expect.poll(() => answers.length, { timeout: 30_000 }).toBe(1);
  const [told] = await Promise.all(answers);
  await asking.ended;
  answers = [];
  if (told === undefined) throw new Error('nobody asked');
  return told;
}

const marked = () => ({ TAC8_RUN: 'w-abc123', TAC8_TASK: 'gh-1', TAC8_RUN_DIR: join(state, 'runs', 'w-abc123') });
const WORKER = /belongs to the worker w-abc123 of gh-1/;

test('a person’s program is told from a worker’s by its connection alone', async () => {
  expect(await ask()).toMatchObject({ caller: { kind: 'person', words: expect.stringMatching(/^user \d+, process \d+/) }, worker: null });
  const told = { caller: { kind: 'refused', why: expect.stringMatching(WORKER) }, worker: expect.stringMatching(WORKER) };
  expect(await ask({ env: marked() })).toMatchObject(told);
  const emptied = ['/bin/sh', '-c', 'env -i PATH=/usr/bin:/bin PORT="$PORT" AT="$AT" "$@"; exit $?', 'sh'];
  expect(await ask({ env: marked(), before: emptied })).toMatchObject(told);
});

const others = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).filter(({ address }) => !address.startsWith('fe80')));
test.each(['::1', ...others.map(({ address }) => address)])('also where it comes from %s', async (at) => {
  expect((await ask({ env: marked(), at })).worker).toMatch(WORKER);
  expect((await ask({ at })).worker).toBeNull();
});

test('one that has said all is found; one that is gone meanwhile changes nothing', async () => {
  expect((await ask({ env: marked(), program: HALF })).worker).toMatch(WORKER);
  expect((await ask({ program: HALF })).worker).toBeNull();
  mayLook = () => isOver;
  expect(await ask({ env: marked(), program: GONE })).toMatchObject({
    caller: { kind: 'refused' },
    worker: expect.stringContaining('was gone'),
  });
});

test('whoever cannot be found is not believed where a person has to be there, and may change something where it is no worker', async () => {
  const away = { remoteAddress: '203.0.113.1', remotePort: 1, localPort: 2 };
  expect(await callerOverTcp(away, { state })).toMatchObject({ kind: 'refused', why: expect.stringContaining('tac8 approve') });
  expect(await callerOverTcp({}, { state })).toMatchObject({ kind: 'refused' });
  expect(await workerOverTcp(away, { state })).toBeNull();
});
