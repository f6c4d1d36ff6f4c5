import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { callerOverTcp } from '../../src/orders/caller-over-tcp.ts';
import { startProgram } from '../support/world/program.ts';

/* Whoever has the page's key is not by that a person: a worker may have read it. The kernel tells who holds the other end. */

let state: string;
let server: Server;
beforeEach(async () => {
  state = mkdtempSync(join(tmpdir(), 'tac8-tcp-'));
  mkdirSync(join(state, 'runs'));
  server = createServer((socket) => {
    socket.once('data', () => {
      const { remoteAddress, remotePort, localPort } = socket;
      void callerOverTcp({ remoteAddress, remotePort, localPort }, { state }).then((caller) => socket.end(JSON.stringify(caller)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  rmSync(state, { recursive: true, force: true });
});

const PROGRAM = `const s = require('node:net').connect(Number(process.env.PORT), '127.0.0.1', () => s.write('?'));
s.on('data', (text) => process.stdout.write(text));`;

async function ask(env: Readonly<Record<string, string>>, before: readonly string[] = []): Promise<unknown> {
  const port = String((server.address() as AddressInfo).port);
  const [first = process.execPath, ...rest] = [...before, process.execPath, '-e', PROGRAM];
  const { out } = await startProgram([first, ...rest], { cwd: state, env: { PATH: '/usr/bin:/bin', PORT: port, ...env } }).ended;
  return JSON.parse(out);
}

const marked = () => ({ TAC8_RUN: 'w-abc123', TAC8_TASK: 'gh-1', TAC8_RUN_DIR: join(state, 'runs', 'w-abc123') });

test('a person’s program is told from a worker’s by its connection alone', async () => {
  expect(await ask({})).toMatchObject({ kind: 'person', words: expect.stringMatching(/^user \d+, process \d+/) });
  expect(await ask(marked())).toMatchObject({ kind: 'refused', why: expect.stringMatching(/belongs to the worker w-abc123 of gh-1/) });
  const emptied = ['/bin/sh', '-c', 'env -i PATH=/usr/bin:/bin PORT="$PORT" "$@"; exit $?', 'sh'];
  expect(await ask(marked(), emptied)).toMatchObject({ kind: 'refused' });
});

test('whoever cannot be found is not believed', async () => {
  const away = { remoteAddress: '192.0.2.1', remotePort: 1, localPort: 2 };
  expect(await callerOverTcp(away, { state })).toMatchObject({ kind: 'refused', why: expect.stringContaining('tac8 approve') });
  expect(await callerOverTcp({}, { state })).toMatchObject({ kind: 'refused' });
});
