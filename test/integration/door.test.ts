import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Door, openDoor } from '../../src/adapters/door/door.ts';
import { knock } from '../../src/adapters/door/knock.ts';
import { createWorkers } from '../../src/adapters/process/workers.ts';
import { startProgram, until } from '../support/world/program.ts';

let dir: string;
let door: Door;
let warned: string[];
let heard: string[];
beforeEach(async () => {
  // Deeper than the path of a socket may be long.
  dir = join(realpathSync(mkdtempSync(join(tmpdir(), 'tac8-door-'))), 'a-folder-with-a-long-name-'.repeat(4), '.tac8');
  mkdirSync(join(dir, 'runs'), { recursive: true });
  warned = [];
  heard = [];
  const reload = (by: string) => {
    heard.push(by);
    return { ok: true, message: 'done' };
  };
  door = await openDoor({ dir, runsDir: join(dir, 'runs'), verbs: { reload }, warn: (message) => warned.push(message) });
});
afterEach(async () => {
  await door.close();
  rmSync(join(dir, '../..'), { recursive: true, force: true });
});

/** A program of its own that says the text and prints what it is answered. */
const PROGRAM = `const s = require('node:net').connect('door.sock', () => s.write(process.env.SAY)).on('error', () => 0);
s.on('data', (text) => process.stdout.write(text));
if (process.env.LEAVES) s.end();`;

/** `before`: how the program is started. */
async function say(text: string, { env = {}, before = [] }: { env?: Record<string, string>; before?: readonly string[] } = {}) {
  const [first = process.execPath, ...rest] = [...before, process.execPath, '-e', PROGRAM];
  const { out } = await startProgram([first, ...rest], { cwd: dir, env: { PATH: '/usr/bin:/bin', SAY: text, ...env } }).ended;
  return out === '' ? null : (JSON.parse(out) as unknown);
}
const ask = (verb: string, how?: Parameters<typeof say>[1]) => say(`${JSON.stringify({ verb })}\n`, how);

test('a person’s program is heard, and who it was is known', async () => {
  expect(await ask('reload')).toEqual({ ok: true, message: 'done' });
  expect(heard).toEqual([expect.stringMatching(/^user \d+, process \d+ \(.+\)$/)]);
  expect(statSync(join(dir, 'door.sock')).mode & 0o777).toBe(0o600);
});

const marked = (runs: string) => ({ TAC8_RUN: 'w-abc123', TAC8_TASK: 'gh-1', TAC8_RUN_DIR: join(runs, 'w-abc123') });

test.each<[string, () => Parameters<typeof ask>[1], RegExp]>([
  ['a worker', () => ({ env: marked(join(dir, 'runs')) }), /belongs to the worker w-abc123 of gh-1/],
  [
    'a child of a worker that emptied its environment',
    // The shell keeps the marker and waits for its child.
    () => ({ env: marked(join(dir, 'runs')), before: ['/bin/sh', '-c', 'env -i PATH=/usr/bin:/bin SAY="$SAY" "$@"; exit $?', 'sh'] }),
    /belongs to the worker w-abc123/,
  ],
])('%s is refused, and that is told', async (_who, how, words) => {
  expect(await ask('reload', how())).toEqual({ ok: false, message: expect.stringMatching(words) });
  expect(heard).toEqual([]);
  expect(warned).toEqual([expect.stringMatching(words)]);
});

test('twin: the same marker of another repository’s worker keeps nobody out', async () => {
  expect(await ask('reload', { env: marked('/elsewhere/.tac8/runs') })).toMatchObject({ ok: true });
});

test.skipIf(!existsSync('/usr/bin/perl'))(
  'a worker that shed its cgroup, environment, session and parents is refused; twin: nobody else who does so',
  async () => {
    const answer = join(dir, 'answer');
    const program = join(dir, 'asks.cjs');
    writeFileSync(
      program,
      `${PROGRAM.replace('process.stdout.write(text)', `require('node:fs').writeFileSync(${JSON.stringify(answer)}, text)`)}`,
    );
    // Out of the view that it has of cgroups, as root may, and into the topmost one; then a child that nobody waits for asks, once its parents are gone.
    const leave = 'for group in /sys/fs/cgroup/unified /sys/fs/cgroup; do umount $group; echo 0 >$group/cgroup.procs; done 2>/dev/null';
    const script = `${leave}; env -i PATH=/usr/bin:/bin setsid sh -c '(until [ -e "${dir}/go" ]; do read -t 1 x <>"${dir}/never"; done; cd "${dir}"; SAY="$1" exec "$2" "$3") &' sh '{"verb":"reload"}
' ${process.execPath} ${program}`;
    expect(spawnSync('mkfifo', [join(dir, 'never')]).status).toBe(0);
    const workers = createWorkers({ runsDir: join(dir, 'runs') });
    const run = 'w-abc124' as const;
    const log = join(dir, 'log');
    writeFileSync(log, '');
    const launch = {
      run,
      task: 'gh-1',
      argv: ['/bin/bash', '-c', script.replaceAll('sh -c', 'bash -c')],
      env: { PATH: '/usr/bin:/bin' },
      cwd: dir,
      stdin: { kind: 'file', prompt: '' },
      log,
      stderr: log,
      note: null,
    } as const;
    const identity = await workers.launch(launch);
    try {
      await until('the agent’s end', async () => (await workers.probe(run, identity)).kind === 'remains');
      writeFileSync(join(dir, 'go'), '');
      await until('an answer', () => existsSync(answer) && readFileSync(answer, 'utf8') !== '');
      expect(JSON.parse(readFileSync(answer, 'utf8'))).toEqual({
        ok: false,
        message: expect.stringContaining('belongs to the worker w-abc124'),
      });
      expect(heard).toEqual([]);
    } finally {
      await until('nothing of it lives', async () => (await workers.signal(run, identity, 'SIGKILL')).left === 0);
    }
    rmSync(answer);
    spawnSync('/bin/bash', launch.argv.slice(1), { cwd: dir, env: { PATH: '/usr/bin:/bin' }, stdio: 'ignore' });
    await until('an answer', () => existsSync(answer) && readFileSync(answer, 'utf8') !== '');
    expect(JSON.parse(readFileSync(answer, 'utf8'))).toMatchObject({ ok: true });
  },
);

const canUnshare = spawnSync('unshare', ['-p', '-f', '--mount-proc', 'true']).status === 0;
test.skipIf(!canUnshare)('a process in a namespace of its own is refused (skipped where none can be made)', async () => {
  expect(await ask('reload', { before: ['unshare', '-p', '-f'] })).toMatchObject({ ok: false });
});

test.each(['no-such', '__proto__', 'constructor', 'Reload', ''])('the verb %j is not known', async (verb) => {
  expect(await ask(verb)).toMatchObject({ ok: false, message: expect.stringContaining('does not know') });
});

test.each([
  '',
  'x'.repeat(100_000),
  '[]\n',
  'null\n',
  '{"verb":',
  '{"verb":5}\n',
])('a line that says nothing costs nobody else anything', async (text) => {
  await say(text, { env: { LEAVES: 'yes' } });
  expect(await ask('reload')).toMatchObject({ ok: true });
});

/** Comes again and again, says nothing, and is there for as long as it is let. */
const SILENT = `let there = 0;
const come = () => { there += 1; require('node:net').connect('door.sock').on('error', () => 0).on('close', () => { there -= 1; }); };
setInterval(() => { while (there < 100) come(); console.log('here'); }, 20);`;

test('nobody holds the door shut by saying nothing', async () => {
  const silent = startProgram([process.execPath, '-e', SILENT], { cwd: dir, env: { PATH: '/usr/bin:/bin' } });
  try {
    await until('the silent ones', () => silent.out() !== '');
    let answer: unknown = null;
    // One may be sent away before it has said anything; a command comes again so often.
    for (let tries = 0; tries < 10 && answer === null; tries += 1) answer = await ask('reload');
    expect(answer).toMatchObject({ ok: true });
  } finally {
    await silent.end('SIGKILL');
  }
});

test('knocking at the daemon’s door is answered', async () => {
  expect(await knock(dir, process.pid, { verb: 'reload' }, 5_000)).toEqual({ ok: true, message: 'done' });
});

test('who knocks believes no other process than the daemon', async () => {
  const other = mkdtempSync(join(tmpdir(), 'tac8-door-other-'));
  const fake = createServer((socket) => socket.on('error', () => 0).end('{"ok":true,"message":"done"}\n'));
  await new Promise<void>((resolve) => fake.listen(join(other, 'door.sock'), resolve));
  try {
    await expect(knock(other, 1, { verb: 'reload' }, 5_000)).rejects.toThrow(/not the daemon \(1\)/);
  } finally {
    await new Promise((resolve) => fake.close(resolve));
    rmSync(other, { recursive: true });
  }
});
