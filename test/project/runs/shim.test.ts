import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

const SHIM = join(import.meta.dirname, '../../../bin/tac8');
const PLATFORM = `node-linux-${process.arch}`;

/** A place with blanks in its path; two small programs are all that is on PATH besides what a test adds. */
let place: string;
beforeEach(() => {
  place = join(realpathSync(mkdtempSync(join(tmpdir(), 'tac8-shim-'))), 'a place');
  for (const program of ['uname', 'readlink']) link(join('tools', program), `/usr/bin/${program}`);
});
afterEach(() => rmSync(dirname(place), { recursive: true }));

function write(path: string, text: string): string {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  writeFileSync(join(place, path), text);
  return join(place, path);
}

function link(path: string, target: string): void {
  mkdirSync(dirname(join(place, path)), { recursive: true });
  symlinkSync(target, join(place, path));
}

/** A Node that says its name, its process and what it was given. */
function fakeNode(path: string, version: string): void {
  const script = `#!/bin/sh\n[ "$1" = --version ] && { echo v${version}; exit; }\necho "${version} $$"\nfor word; do echo "$word"; done\nexit 7\n`;
  chmodSync(write(path, script), 0o755);
}

function bundledNode(folder: string, version: string): void {
  fakeNode(join(folder, PLATFORM, 'bin/node'), version);
  write(join(folder, PLATFORM, 'package.json'), JSON.stringify({ name: PLATFORM, version }, null, 2));
}

/** tac8 as a checkout (sources, and what an old build left) or as npm publishes it (built files alone). */
function tac8(folder: string, main: 'src/main.ts' | 'dist/main.js' = 'dist/main.js'): void {
  mkdirSync(join(place, folder, 'bin'), { recursive: true });
  copyFileSync(SHIM, join(place, folder, 'bin/tac8'));
  write(join(folder, 'dist/main.js'), '');
  if (main === 'src/main.ts') write(join(folder, main), '');
}

function run(path: string, args: readonly string[] = [], search: readonly string[] = []) {
  const env = { PATH: ['tools', ...search].map((folder) => join(place, folder)).join(':') };
  const { status, stdout, stderr, pid } = spawnSync(join(place, path), args, { env, encoding: 'utf8', cwd: '/', timeout: 5_000 });
  const [first = '', ...words] = stdout.split('\n').slice(0, -1);
  return { status, stderr, pid, version: first.split(' ')[0], node: first.split(' ')[1], words };
}

test('in its own checkout: the Node beside it, the sources, every argument as it is, the exit code, one process', () => {
  tac8('checkout', 'src/main.ts');
  bundledNode('checkout/node_modules', '24.21.0');
  const args = ['tell', '12', 'two words', '', '*', "it's", '--', '$HOME'];
  const ran = run('checkout/bin/tac8', args);
  expect(ran).toMatchObject({ status: 7, stderr: '', version: '24.21.0', node: String(ran.pid) });
  expect(ran.words).toEqual(['--disable-warning=ExperimentalWarning', join(place, 'checkout/src/main.ts'), ...args]);
});

test.each([
  ['start', ['--max-semi-space-size=4', '--heap-growing-percent=60']],
  ['view', ['--max-semi-space-size=4', '--initial-heap-size=24', '--single-threaded-gc']],
  ['status', ['--single-threaded-gc', '--min-semi-space-size=16', '--no-concurrent-recompilation']],
  ['tell', []],
])('what lives long or reads much has its memory bounded, what is over in a moment keeps to one thread: %s', (command, flags) => {
  tac8('checkout', 'src/main.ts');
  bundledNode('checkout/node_modules', '24.21.0');
  expect(run('checkout/bin/tac8', [command]).words.slice(0, -2)).toEqual([...flags, '--disable-warning=ExperimentalWarning']);
});

test('what is asked all day is started by its own loader where the package is built, whatever stands before the command', () => {
  tac8('tac8');
  bundledNode('tac8/node_modules', '24.21.0');
  const main = (...args: string[]): string | undefined => run('tac8/bin/tac8', args).words.find((word) => word.startsWith(place));
  expect(main('why', '12')).toBe(join(place, 'tac8/dist/main.js'));
  write('tac8/dist/at-once/main.js', '');
  expect(main('why', '12')).toBe(join(place, 'tac8/bin/at-once.cjs'));
  expect(main('-C', 'elsewhere', 'status')).toBe(join(place, 'tac8/bin/at-once.cjs'));
  expect(main('tell', 'status')).toBe(join(place, 'tac8/dist/main.js'));
  expect(main('--version')).toBe(join(place, 'tac8/dist/main.js'));
});

test('in another project: through npm’s link, the Node that npm put beside it, the built files', () => {
  tac8('project/node_modules/tac8');
  bundledNode('project/node_modules', '24.21.0');
  link('project/node_modules/.bin/tac8', '../tac8/bin/tac8');
  expect(run('project/node_modules/.bin/tac8')).toMatchObject({
    version: '24.21.0',
    words: [expect.any(String), join(place, 'project/node_modules/tac8/dist/main.js')],
  });
});

test('installed globally: through a link of a link, the Node inside the package', () => {
  tac8('prefix/lib/node_modules/tac8');
  bundledNode('prefix/lib/node_modules/tac8/node_modules', '22.18.0');
  link('prefix/bin/tac8', '../lib/node_modules/tac8/bin/tac8');
  link('home/bin/tac8', join(place, 'prefix/bin/tac8'));
  expect(run('home/bin/tac8').version).toBe('22.18.0');
});

test('through a link to the folder bin, and through one further up: what stands where they lead', () => {
  tac8('project/packages/tac8');
  bundledNode('project/node_modules', '24.21.0');
  const main = join(place, 'project/packages/tac8/dist/main.js');
  link('home/bin', join(place, 'project/packages/tac8/bin'));
  expect(run('home/bin/tac8')).toMatchObject({ version: '24.21.0', words: [expect.any(String), main] });
  link('elsewhere/node_modules/tac8', join(place, 'project/packages/tac8'));
  expect(run('elsewhere/node_modules/tac8/bin/tac8')).toMatchObject({ version: '24.21.0', words: [expect.any(String), main] });
});

test('a bundled Node that is too old is passed over for a newer one further up', () => {
  tac8('project/node_modules/tac8');
  bundledNode('project/node_modules/tac8/node_modules', '20.20.2');
  bundledNode('project/node_modules', '24.1.0');
  expect(run('project/node_modules/tac8/bin/tac8').version).toBe('24.1.0');
});

test.each([
  '22.18.0',
  '22.19.3',
  '23.0.0',
  '24.21.0',
  '26.10.0',
  '100.0.0',
])('without a bundled one, Node %s on PATH is taken', (version) => {
  tac8('tac8');
  fakeNode('old/node', version);
  expect(run('tac8/bin/tac8', [], ['old']).version).toBe(version);
});

test.each(['20.20.2', '22.17.9', '18.0.0', '9.11.2', ''])('Node "%s" on PATH is refused with one sentence', (version) => {
  tac8('tac8');
  fakeNode('old/node', version);
  const { status, stderr, words } = run('tac8/bin/tac8', ['status'], ['old']);
  expect([status, words]).toEqual([1, []]);
  expect(stderr).toMatch(new RegExp(`^tac8 needs Node 22\\.18 or newer, and found v${version} on PATH: .*\\n$`));
});

test('no Node at all is said', () => {
  tac8('tac8');
  expect(run('tac8/bin/tac8')).toMatchObject({ status: 1, stderr: expect.stringContaining('and found none on PATH') });
});

test('the real shim on the real Node', () => {
  const { status, stdout, stderr } = spawnSync(SHIM, ['--version'], { env: { PATH: '/usr/bin:/bin' }, encoding: 'utf8', timeout: 10_000 });
  expect([status, stdout, stderr]).toEqual([0, expect.stringMatching(/^\d+\.\d+\.\d+\n$/), '']);
});
