import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { environmentOf } from '../../src/agents/ground/environment.ts';
import { CACHES } from '../../src/agents/ground/toolchains.ts';

/* A worker's home is its own, and yet its tools are those that the person installed; real ones where this machine has them. */

let person: string;
beforeEach(() => {
  person = realpathSync(mkdtempSync(join(tmpdir(), 'tac8-person-')));
});
afterEach(() => rmSync(person, { recursive: true, force: true }));

const environment = (more: Readonly<Record<string, unknown>> = {}): Readonly<Record<string, string>> => {
  const settings = { machine: { PATH: process.env.PATH }, home: person, root: join(person, 'repo'), caches: [], env: [], ...more };
  return environmentOf(settings as never, 'gh-1', join(person, 'repo/.tac8/homes/gh-1'));
};

const USUAL: Readonly<Record<string, string>> = {
  RUSTUP_HOME: '.rustup',
  PYENV_ROOT: '.pyenv',
  RBENV_ROOT: '.rbenv',
  NVM_DIR: '.nvm',
  FNM_DIR: '.local/share/fnm',
  VOLTA_HOME: '.volta',
  ASDF_DATA_DIR: '.asdf',
  MISE_DATA_DIR: '.local/share/mise',
  MISE_GLOBAL_CONFIG_FILE: '.config/mise/config.toml',
  SDKMAN_DIR: '.sdkman',
  DOTNET_ROOT: '.dotnet',
};
const SET_ALONE = ['GOROOT', 'JAVA_HOME', 'GRADLE_HOME', 'MAVEN_HOME', 'M2_HOME', 'ANDROID_HOME', 'ASDF_DIR'];

test.each(Object.entries(USUAL))('%s: its usual place where it is there, the person’s own word before it, else nothing', (name, place) => {
  expect(environment()[name]).toBeUndefined();
  mkdirSync(join(person, place), { recursive: true });
  expect(environment()[name]).toBe(join(person, place));
  expect(environment({ machine: { [name]: '/opt/tools' } })[name]).toBe('/opt/tools');
});

test.each(SET_ALONE)('%s: handed on where the person set it', (name) => {
  expect(environment()[name]).toBeUndefined();
  expect(environment({ machine: { [name]: '/opt/tools' } })[name]).toBe('/opt/tools');
});

test('the home is the task’s, and no folder of the person’s that may hold a login is named', () => {
  for (const name of ['.cargo', '.npm', '.m2', '.gradle', '.config/gh', 'go']) mkdirSync(join(person, name), { recursive: true });
  const { HOME, PATH, ...others } = environment({ machine: { PATH: '/bin', CARGO_HOME: join(person, '.cargo') } });
  expect(HOME).toBe(join(person, 'repo/.tac8/homes/gh-1'));
  expect(Object.values(others).filter((value) => value.startsWith(person) && !value.startsWith(join(person, 'repo')))).toEqual([]);
});

test('downloads are shared where a person says so, each tool’s for itself', () => {
  const before = environment();
  const shared = Object.entries(environment({ caches: CACHES })).filter(([name]) => before[name] === undefined);
  expect(shared.map(([name]) => name).sort()).toEqual([
    ...['CARGO_HOME', 'GOCACHE', 'GOMODCACHE', 'GRADLE_USER_HOME', 'MAVEN_ARGS', 'MAVEN_OPTS', 'PIP_CACHE_DIR', 'UV_CACHE_DIR'],
    ...['YARN_CACHE_FOLDER', 'YARN_GLOBAL_FOLDER', 'npm_config_cache', 'npm_config_store_dir'],
  ]);
  for (const [, value] of shared) expect(value).toContain(join(person, 'repo/.tac8/cache/'));
  // Maven’s script takes its words apart at blanks.
  expect(environment({ caches: ['maven'], root: join(person, 'a b') })).not.toHaveProperty('MAVEN_OPTS');
});

const own = homedir();
const runs = (env: Readonly<Record<string, string>>, ...argv: string[]) =>
  spawnSync(argv[0] ?? '', argv.slice(1), { env, encoding: 'utf8', timeout: 60_000, cwd: person });

const cargo = join(own, '.cargo/bin/cargo');
test.skipIf(!existsSync(join(own, '.rustup/settings.toml')) || !existsSync(cargo))(
  'rustup, really: cargo is the person’s; without the variable there is none',
  () => {
    symlinkSync(join(own, '.rustup'), join(person, '.rustup'));
    const env = environment();
    mkdirSync(env.HOME ?? '', { recursive: true });
    expect(runs(env, cargo, '--version')).toMatchObject({ status: 0, stdout: expect.stringMatching(/^cargo \d/) });
    const { RUSTUP_HOME: _, ...without } = env;
    expect(runs(without, cargo, '--version').status).not.toBe(0);
  },
);

test.skipIf(spawnSync('mvn', ['-v']).status !== 0)('Maven, really, of any version: its repository is the shared one', () => {
  const { stdout } = runs(environment({ caches: ['maven'] }), 'mvn', '-o', '-X', 'validate');
  expect(stdout).toContain(`Using local repository at ${join(person, 'repo/.tac8/cache/maven')}`);
});

const CACHE = { npm: 'cache', pnpm: 'store-dir', yarn: 'cache-folder' };
for (const [tool, setting] of Object.entries(CACHE))
  test.skipIf(spawnSync(tool, ['--version']).status !== 0)(`${tool}, really: its cache is the shared one`, () => {
    const env = { ...environment({ caches: [tool] }), PATH: `${dirname(process.execPath)}:${process.env.PATH}` };
    expect(runs(env, tool, 'config', 'get', setting).stdout.trim()).toBe(join(person, 'repo/.tac8/cache', tool));
  });
