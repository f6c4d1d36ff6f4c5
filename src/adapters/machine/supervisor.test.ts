import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { until } from '../../../test/support/world/program.ts';
import type { Log } from '../../engine/ports/records/log.ts';
import { openSupervisor } from './supervisor.ts';

/** What a supervisor hears: one datagram a line, its line breaks as blanks. */
const LISTENER = `use Socket; $|=1; socket(my $s,AF_UNIX,SOCK_DGRAM,0) or die; bind($s,sockaddr_un($ARGV[0])) or die;
while (defined recv($s,my $m,4096,0)) { $m=~s/\\n/ /g; print "$m\\n" }`;

let dir = '';
let socket = '';
let heard = '';
let listener: ReturnType<typeof spawn> | null = null;
const warnings: string[] = [];
const nothing = (): void => undefined;
const log: Log = { debug: nothing, info: nothing, warn: (message) => warnings.push(message), error: nothing };

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'tac8-notify-'));
  socket = join(dir, 's');
  heard = '';
  warnings.length = 0;
  listener = spawn('/usr/bin/perl', ['-e', LISTENER, socket], { stdio: ['ignore', 'pipe', 'inherit'] });
  listener.stdout?.on('data', (chunk: Buffer) => {
    heard += chunk.toString();
  });
  await until('the listener', () => existsSync(socket));
});

afterEach(async () => {
  const gone = new Promise((resolve) => listener?.once('close', resolve));
  listener?.kill('SIGKILL');
  await gone;
  rmSync(dir, { recursive: true, force: true });
});

const lines = (): readonly string[] =>
  heard
    .trim()
    .split('\n')
    .filter((line) => !line.startsWith('BARRIER'));
/** Without systemd-notify in it: then perl tells. */
const PATHS = { 'systemd-notify, where it is': process.env.PATH ?? '', perl: '/nonexistent' };

test.each(Object.entries(PATHS))('it is told that the daemon is ready, lives, and leaves (%s)', async (_, PATH) => {
  const env: Record<string, string | undefined> = { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '300000', WATCHDOG_PID: '1', PATH };
  let roused = 0;
  const supervisor = openSupervisor({ env, log, rouse: () => roused++ });
  // No child of the daemon is to speak for it.
  expect(env).toEqual({ PATH });
  supervisor?.ready();
  await until('the word that it is ready', () => heard.includes('READY=1'));
  await until('the first word of the watchdog', () => heard.includes('WATCHDOG=1'));
  supervisor?.leaving();
  await supervisor?.close();
  await until('the word that it leaves', () => heard.includes('STOPPING=1'));
  expect(roused).toBeGreaterThan(0);
  expect(lines()[0]).toContain(`MAINPID=${process.pid}`);
  expect(warnings).toEqual([]);
});

test('a loop that does not move is not said to live', async () => {
  let roused = 0;
  const supervisor = openSupervisor({
    env: { NOTIFY_SOCKET: socket, WATCHDOG_USEC: '60000', PATH: '/nonexistent' },
    log,
    rouse: () => roused++,
  });
  await until('several chances', () => roused >= 5);
  // It was taken to live once, at its beginning.
  supervisor?.leaving();
  await supervisor?.close();
  await until('the last word', () => heard.includes('STOPPING=1'));
  expect(lines().filter((line) => line.includes('WATCHDOG=1'))).toHaveLength(1);
});

test('where nobody asks, nobody is told; a supervisor that is gone is a warning and no more', async () => {
  expect(openSupervisor({ env: {}, log, rouse: nothing })).toBeNull();
  const supervisor = openSupervisor({ env: { NOTIFY_SOCKET: join(dir, 'nobody'), PATH: '/nonexistent' }, log, rouse: nothing });
  supervisor?.ready();
  await supervisor?.close();
  expect(warnings).toEqual([expect.stringContaining('the supervisor is not told')]);
});
