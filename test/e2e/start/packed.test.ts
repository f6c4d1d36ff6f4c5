import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nodeFolder } from '../../../scripts/fetch/fetch-node.ts';
import { environment } from '../../support/world/daemon.ts';
import { type Ended, startProgram } from '../../support/world/program.ts';

/*
 * The package as a release has it: packed by npm from a checkout that was never built, and installed into an empty prefix.
 */

const ROOT = join(import.meta.dirname, '../../..');
const CHECKOUT = [
  'bin',
  'schema',
  'scripts',
  'shell',
  'src',
  'web',
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'package.json',
  'tsconfig.json',
];

let top: string;
let tarball: string;
beforeAll(() => {
  top = mkdtempSync(join(tmpdir(), 'tac8-packed-'));
  const checkout = join(top, 'checkout');
  mkdirSync(checkout);
  for (const name of CHECKOUT) cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const packed = npm(['pack', '--json', '--pack-destination', top], { cwd: checkout });
  const [{ filename, files }] = JSON.parse(packed.slice(packed.indexOf('['))) as [{ filename: string; files: { path: string }[] }];
  tarball = join(top, filename);
  const paths = files.map(({ path }) => path);
  for (const path of [
    'bin/tac8',
    'dist/main.js',
    'bin/at-once.cjs',
    'dist/at-once/look.js',
    `dist/at-once/look.js.${process.arch}-${process.versions.v8}.code`,
    'dist/LICENSES.txt',
    'dist/web/index.html',
    'LICENSE',
    'README.md',
    'schema/tac8.schema.json',
  ])
    expect(paths).toContain(path);
  expect(paths.filter((path) => /^(src|test|scripts|node_modules)\//.test(path))).toEqual([]);
}, 180_000);
afterAll(() => rmSync(top, { recursive: true, force: true }));

/** npm as it is set up on this machine, on the Node that stands first on PATH; what it prints. */
function npm(args: readonly string[], { cwd, node }: { readonly cwd: string; readonly node?: string }): string {
  // The network's certificates and proxies among them; but not what the npm that runs the tests says of itself.
  const settings = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config_)|npm_config_(global_)?(local_)?prefix$|INIT_CWD$|NODE$)/i.test(name),
  );
  const path = [...(node === undefined ? [] : [node]), '/usr/local/bin', '/usr/bin', '/bin'].join(':');
  return execFileSync('npm', args, {
    cwd,
    env: { ...Object.fromEntries(settings), PATH: path },
    encoding: 'utf8',
    timeout: 170_000,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const INSTALLED = [
  { name: 'Node 20, beside the Node that the package brings', version: '20.20.2', brings: true },
  { name: 'Node 22, as on a system that the package brings none for', version: '22.23.5', brings: false },
];

for (const { name, version, brings } of INSTALLED)
  test(`installed on ${name}: init, status and the demo work`, { timeout: 300_000 }, async () => {
    const node = nodeFolder(join(ROOT, '.cache'), version);
    const prefix = join(top, `prefix-${version}`);
    npm(['install', '--global', '--prefer-offline', '--prefix', prefix, tarball], { cwd: top, node });
    const brought = join(prefix, 'lib/node_modules/tac8/node_modules');
    expect(existsSync(join(brought, `node-linux-${process.arch}/bin/node`))).toBe(true);
    if (!brings) rmSync(brought, { recursive: true });

    const home = join(top, `home-${version}`);
    const project = join(home, 'project');
    mkdirSync(project, { recursive: true });
    const env = { ...environment(home), PATH: [join(prefix, 'bin'), node, '/usr/bin', '/bin'].join(':') };
    const tac8 = (...args: string[]): Promise<Ended> => startProgram([join(prefix, 'bin/tac8'), ...args], { cwd: project, env }).ended;
    execFileSync('git', ['init', '-q', '-b', 'main', project], { env });
    execFileSync(
      'git',
      ['-C', project, '-c', 'user.name=P', '-c', 'user.email=p@example.com', 'commit', '-q', '--allow-empty', '-m', 'begin'],
      {
        env,
      },
    );

    const { version: own } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
    expect(await tac8('--version')).toMatchObject({ code: 0, out: `${own}\n`, err: '' });
    expect(await tac8('init')).toMatchObject({ code: 0, err: '' });
    expect(await tac8('status')).toMatchObject({ code: 0, err: '' });
    const demo = await tac8('demo', '--exit', '--dir', join(home, 'demo'));
    expect(demo, demo.err).toMatchObject({ code: 0 });
    expect(demo.out).toMatch(/pull/);
  });
