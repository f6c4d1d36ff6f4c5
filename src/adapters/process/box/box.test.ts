import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeWorld, until, type World } from '../../../../test/fixtures/processes/world.ts';
import { makeSmallSystem } from '../../../../test/support/machine/small-system.ts';
import type { Box } from '../../../engine/ports/machine/box.ts';
import type { Launch } from '../../../engine/ports/machine/workers.ts';
import { whyNoBox } from './bwrap.ts';

const RUN = 'w-b0b0b0';
let world: World;

beforeEach(() => {
  world = makeWorld('auto');
});
afterEach(async () => {
  expect(await world.close()).toBe(0);
});

function boxed(script: string, more: Partial<Box> = {}): Launch {
  const plain = world.launchOf(RUN, 'none');
  const home = join(world.dir, 'home');
  const scratch = join(world.dir, 'scratch');
  for (const path of [home, scratch]) mkdirSync(path, { recursive: true });
  const box: Box = {
    system: null,
    read: [],
    write: [plain.cwd, home],
    as: [],
    sealed: [],
    scratch,
    home,
    egress: null,
    nested: false,
    ...more,
  };
  return { ...plain, argv: ['/bin/sh', '-c', script, 'agent', 'gh-450'], box };
}

/** What the agent says until its end, and its exit code. */
async function said(script: string, more: Partial<Box> = {}): Promise<{ text: string; code: number | undefined }> {
  const launch = boxed(script, more);
  const identity = await world.workers.launch(launch);
  const seen = await world.ended(RUN, identity);
  return { text: world.log(RUN) + readFileSync(launch.stderr, 'utf8'), code: seen.kind === 'gone' ? seen.exit?.code : undefined };
}

test('bubblewrap works where the tests run', () => {
  expect(whyNoBox()).toBeNull();
});

test('elsewhere it says plainly what it needs', () => {
  expect(whyNoBox(undefined, 'darwin')).toBe('bubblewrap needs Linux, and this is macOS');
  // A container whose runtime grants no user namespaces, as near as one comes to it here.
  const words = ['--unshare-user', '--disable-userns', '--bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--', process.execPath];
  const script = `import(${JSON.stringify(join(import.meta.dirname, 'bwrap.ts'))}).then(({ whyNoBox }) => console.log(whyNoBox()))`;
  const said = execFileSync('bwrap', [...words, '--no-warnings', '--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(said).toMatch(
    /^bubblewrap makes no sandbox here: .+ \(this system refuses user namespaces: .*in a container the runtime must allow them\)$/m,
  );
});

test('with the files of another system it sees those in the place of this machine’s, and what it lacks is named', async () => {
  const system = join(world.dir, 'system');
  mkdirSync(system);
  makeSmallSystem(system);
  mkdirSync(join(system, 'root/below'), { recursive: true });
  writeFileSync(join(system, 'etc/shadow'), 'theirs');
  const { text, code } = await said(
    'cat /etc/small; cat /etc/shadow; ls /usr/bin/node /usr/bin/jq; id -u; grep -c . /etc/passwd; ls /root; echo x >/etc/x; touch in',
    {
      system,
    },
  );
  expect(text).toContain('a system of its own\n');
  expect(text).not.toContain('theirs');
  expect(text.match(/No such file/g)).toHaveLength(3);
  expect(text).toContain('below');
  expect(text).toContain('Read-only file system');
  expect(text).not.toMatch(/^0$/m);
  expect(code).toBe(0);
  expect(whyNoBox(system)).toBeNull();
  rmSync(join(system, 'usr/bin/git'));
  expect(whyNoBox(system)).toBe('the image lacks /usr/bin/git, which every worker needs');
});

test('an agent in a box works in its tree and ends with its own exit code', async () => {
  const { text, code } = await said('read -r line; echo "got $line"; echo made >made; id -u; echo "pid $$"; exit 3');
  expect(text).toContain('got do it\n');
  expect(text).toMatch(/^pid [2-9]$/m);
  expect(text).not.toMatch(/^0$/m);
  expect(code).toBe(3);
  expect(readFileSync(join(world.launchOf(RUN, 'none').cwd, 'made'), 'utf8')).toBe('made\n');
});

test('of the machine, it sees what is listed and nothing else', async () => {
  writeFileSync(join(world.dir, 'secret'), 'canary');
  const { text } = await said(
    `cat ${join(world.dir, 'secret')} /etc/shadow; ls -A ${world.dir} /root /home; ls /proc | grep -c '^[0-9]'; echo x >/etc/new; echo x >/usr/new`,
  );
  expect(text).not.toContain('canary');
  expect(text).toContain('No such file');
  expect(text).toContain('Read-only file system');
  expect(Number(/^(\d+)$/m.exec(text)?.[1])).toBeLessThan(8);
});

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGKILL', 137],
] as const)('%s reaches the agent, and nothing is left', async (signal, code) => {
  const launch = boxed('setsid sleep 300 & echo up; exec sleep 300');
  const identity = await world.workers.launch(launch);
  await world.line(RUN, 'up');
  await until(() => readFileSync(`/proc/${identity.pid}/comm`, 'utf8') === 'sleep\n', 'the agent to be what it becomes');
  expect(await world.workers.signal(RUN, identity, signal)).toMatchObject({ reached: expect.any(Number) });
  const seen = await world.ended(RUN, identity);
  expect(seen).toMatchObject({ kind: 'gone', exit: { code } });
});

test('a person sees the agent in ps, and neither bwrap nor the shells around it', async () => {
  const launch = boxed('echo up; exec sh -c "sleep 300; :" claude gh-450');
  const identity = await world.workers.launch(launch);
  await world.line(RUN, 'up');
  const lines = execFileSync('ps', ['axo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => /claude.*gh-450/.test(line));
  expect(lines.map((line) => Number.parseInt(line, 10))).toEqual([identity.pid]);
  process.kill(identity.pid, 'SIGTERM');
  expect(await world.ended(RUN, identity)).toMatchObject({ exit: { code: 143 } });
});

test('its stdin is a pipe that stays open for more, and ends when it is closed', async () => {
  const launch = {
    ...boxed('while read -r line; do echo "heard $line"; done; echo over'),
    stdin: { kind: 'fifo', prompt: 'one\n' } as const,
  };
  const identity = await world.workers.launch(launch);
  await world.line(RUN, 'heard one');
  await world.workers.say(RUN, 'two');
  await world.line(RUN, 'heard two');
  await world.workers.closeInput(RUN);
  expect(await world.ended(RUN, identity)).toMatchObject({ exit: { code: 0 } });
  expect(world.log(RUN)).toContain('over\n');
});

test('with its parent killed before the agent is written down, nobody becomes an agent', async () => {
  const launch = boxed('echo born; sleep 300');
  const path = join(world.runsDir, RUN);
  const begun = world.workers.launch(launch).catch(() => null);
  await until(() => existsSync(join(path, 'launched')) && readFileSync(join(path, 'launched'), 'utf8').endsWith('\n'), 'the parent');
  process.kill(Number.parseInt(readFileSync(join(path, 'launched'), 'utf8'), 10), 'SIGKILL');
  const identity = await begun;
  if (identity !== null) await world.workers.signal(RUN, identity, 'SIGKILL');
  const seen = await world.ended(RUN, identity);
  expect(['gone', 'never']).toContain(seen.kind);
  rmSync(path, { recursive: true });
});

test('no socket but of the kinds that a program needs, no key ring, no namespace', async () => {
  const perl = (call: string): string =>
    `/usr/bin/perl -e '$! = 0; my $r = syscall(${call}); print $r >= 0 ? "GOT" : "no:" . ($!+0), "\\n"'`;
  const calls = [
    '41, 40, 1, 0',
    '41, 17, 3, 0',
    '250, 0, -3, 0',
    '425, 8, 0',
    '272, 0x10000000',
    '308, 0, 0',
    '321, 0, 0, 0',
    '165, 0, 0, 0, 0, 0',
  ];
  const { text } = await said(process.arch === 'x64' ? `${calls.map(perl).join('; ')}; ${perl('41, 1, 1, 0')}` : 'echo GOT');
  expect(text.match(/GOT/g)).toHaveLength(1);
});
